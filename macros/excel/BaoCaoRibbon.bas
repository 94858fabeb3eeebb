Attribute VB_Name = "BaoCaoRibbon"
Option Explicit
' What the buttons in customUI14.xml call.

Public Sub BaoCaoPressed(control As IRibbonControl)
    Select Case control.ID
        Case "baocaoKiemTra": BaoCaoKiemTra
        Case "baocaoNop": BaoCaoNop
        Case "baocaoLamMoi": BaoCaoLamMoi
        Case "baocaoNhacHan": BaoCaoNhacHan
    End Select
End Sub
