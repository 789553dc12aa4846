# Signs files with Authenticode where a certificate is given, and does nothing elsewhere: sign.ps1 FILE...
#   WINDOWS_CERTIFICATE           the certificate with its key (.pfx), base64
#   WINDOWS_CERTIFICATE_PASSWORD  its password
param([Parameter(ValueFromRemainingArguments = $true)][string[]]$Files)
$ErrorActionPreference = "Stop"
if (-not $env:WINDOWS_CERTIFICATE) {
    Write-Output "Not signed, since there is no certificate: $($Files -join ', ')"
    exit 0
}
$signtool = Get-ChildItem "${env:ProgramFiles(x86)}\Windows Kits\10\bin\*\x64\signtool.exe" |
    Sort-Object FullName | Select-Object -Last 1
if (-not $signtool) { throw "signtool of the Windows SDK is needed and not installed." }
$place = Join-Path ([System.IO.Path]::GetTempPath()) "lookalike-$([guid]::NewGuid()).pfx"
try {
    [System.IO.File]::WriteAllBytes($place, [Convert]::FromBase64String($env:WINDOWS_CERTIFICATE))
    & $signtool.FullName sign /f $place /p $env:WINDOWS_CERTIFICATE_PASSWORD /fd sha256 /td sha256 `
        /tr http://timestamp.digicert.com /d Lookalike @Files
    if ($LASTEXITCODE) { throw "Signing failed." }
} finally {
    Remove-Item -Force -ErrorAction SilentlyContinue $place
}
