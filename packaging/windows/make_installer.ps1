# Makes the installer from a bundle that `python run.py package` has built: make_installer.ps1 [-Bundle FOLDER] [-Output FOLDER]
# Signs program and installer where there is a certificate (see sign.ps1), and leaves them unsigned elsewhere.
param(
    [string]$Bundle = "$PSScriptRoot\..\..\build\package\cpu\bundle\lookalike",
    [string]$Output = "$PSScriptRoot\..\..\dist"
)
$ErrorActionPreference = "Stop"
$work = Split-Path -Parent (Split-Path -Parent (Resolve-Path $Bundle))
$python = Join-Path $work "environment\Scripts\python.exe"
if (-not (Test-Path $python)) { $python = "python" }
$version = & $python "$PSScriptRoot\..\version.py"
$numbers = & $python "$PSScriptRoot\..\version.py" --numbers
$icons = Join-Path $work "icons"
& $python "$PSScriptRoot\..\icons.py" $icons | Out-Null
if ($LASTEXITCODE) { throw "The icons could not be drawn." }

$iscc = (Get-Command iscc -ErrorAction SilentlyContinue).Source
if (-not $iscc) { $iscc = "${env:ProgramFiles(x86)}\Inno Setup 6\ISCC.exe" }
if (-not (Test-Path $iscc)) { throw "Inno Setup 6 is needed and not installed." }

& "$PSScriptRoot\sign.ps1" (Join-Path $Bundle "lookalike.exe") (Join-Path $Bundle "lookalike-window.exe")
New-Item -ItemType Directory -Force $Output | Out-Null
& $iscc /Qp "/DVersion=$version" "/DNumbers=$numbers" "/DBundle=$(Resolve-Path $Bundle)" "/DIcon=$icons\lookalike.ico" `
    "/DNotices=$work\THIRD_PARTY_NOTICES.txt" "/DOutput=$(Resolve-Path $Output)" "$PSScriptRoot\lookalike.iss"
if ($LASTEXITCODE) { throw "Inno Setup could not build the installer." }
$made = Join-Path (Resolve-Path $Output) "lookalike-$version-windows-x64.exe"
& "$PSScriptRoot\sign.ps1" $made
Write-Output $made
