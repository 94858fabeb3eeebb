Attribute VB_Name = "BaoCao"
Option Explicit
' The four buttons of the tab "Bao cao". What they do is written in Python, in sync/desktop; RunPython starts it.
' This text has to stay ASCII: VBA keeps sources in the code page 1252, which has no Vietnamese letters.

Public Sub BaoCaoKiemTra()
    Press "check"
End Sub

Public Sub BaoCaoNop()
    Press "submit"
End Sub

Public Sub BaoCaoLamMoi()
    Press "refresh"
End Sub

Public Sub BaoCaoNhacHan()
    Press "remind"
End Sub

Private Sub Press(ByVal button As String)
    Dim obstacle As String
    obstacle = ObstacleNow()
    If obstacle <> "" Then
        Tell TextOf(obstacle)
        Exit Sub
    End If
    On Error GoTo Failed
    Application.StatusBar = TextOf("working")
    RunPython "import sync.desktop; sync.desktop." & button & "()"
    #If Not Mac Then
        ' On a Mac Python goes on by itself, and xlwings' CleanUp does this when it has ended.
        Application.StatusBar = False
    #End If
    Exit Sub
Failed:
    Application.StatusBar = False
    Tell TextOf("failed") & " " & Err.Description
End Sub

Private Function ObstacleNow() As String
    If ActiveWorkbook Is Nothing Then
        ObstacleNow = "no-workbook"
    Else
        ObstacleNow = ObstacleOf(ActiveWorkbook.Name, IsInstalled())
    End If
End Function

Public Function ObstacleOf(ByVal bookName As String, ByVal installed As Boolean) As String
    ' The key of the text that says why nothing can be done with the workbook, or "".
    If Not installed Then
        ObstacleOf = "not-installed"
    ElseIf Not IsSafeName(bookName) Then
        ObstacleOf = "strange-name"
    Else
        ObstacleOf = ""
    End If
End Function

Public Function IsSafeName(ByVal bookName As String) As Boolean
    ' Whether the name can stand in a command line. RunPython puts it there, and schools choose the names of files.
    Dim place As Long, letter As String
    IsSafeName = bookName <> ""
    For place = 1 To Len(bookName)
        letter = Mid(bookName, place, 1)
        If AscW(letter) >= 0 And AscW(letter) < 128 And Not (letter Like "[A-Za-z0-9]") Then
            If InStr(" _-.,;()[]{}+@~#&'", letter) = 0 Then IsSafeName = False
        End If
    Next place
End Function

Private Function IsInstalled() As Boolean
    Dim interpreter As String
    #If Mac Then
        ' The sandbox does not let Excel look whether it is there.
        IsInstalled = GetConfig("INTERPRETER_MAC", "") <> ""
    #Else
        interpreter = GetConfig("INTERPRETER_WIN", "")
        If interpreter <> "" Then IsInstalled = FileExists(interpreter)
    #End If
End Function

Private Sub Tell(ByVal message As String)
    #If Mac Then
        MsgBox message, vbExclamation, TextOf("title")
    #Else
        ' MsgBox of Windows would lose the Vietnamese letters.
        WScript.Popup message, 0, TextOf("title"), vbExclamation
    #End If
End Sub

Public Function TextOf(ByVal key As String) As String
    ' The text or setting of that key from the add-in's own sheet, or "". There, because cells hold any letter.
    Dim sheet As Object, number As Long
    Set sheet = ThisWorkbook.Worksheets(1)
    number = 1
    Do While sheet.Cells(number, 1).Value <> ""
        If sheet.Cells(number, 1).Value = key Then TextOf = sheet.Cells(number, 2).Value
        number = number + 1
    Loop
End Function
