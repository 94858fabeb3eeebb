"""The officer's answers: what was typed into the consolidated workbooks since they were written, so that none is lost.

A workbook is recognised by its hidden sheet, which also says what its marked columns held when it was written. So any
copy of any age is compared with itself: a cell that differs from that is a decision, and every other cell is none.
"""
