"""The report in Word: values of `sync.reporting` in a docxtpl template, the shipped one or the office's own."""

from sync.outputs.word_report.rendering import TemplateError, build
from sync.outputs.word_report.shipped import FILES, copy_templates, own_template, shipped

__all__ = ["FILES", "TemplateError", "build", "copy_templates", "own_template", "shipped"]
