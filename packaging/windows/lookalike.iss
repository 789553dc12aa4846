; The installer for Windows, by Inno Setup 6.3 or newer. For one person, without rights of an administrator.
;   iscc /DVersion=1.2.3 /DNumbers=1.2.3.0 /DBundle=C:\...\lookalike /DIcon=...\lookalike.ico /DNotices=... /DOutput=dist lookalike.iss
; packaging/windows/make_installer.ps1 fills these in; the version comes from pyproject.toml.

#ifndef Version
  #error Say which version this is: /DVersion=...
#endif
#ifndef Bundle
  #error Say where the bundle lies: /DBundle=...
#endif

[Setup]
; The same for ever: by it an update finds what is installed.
AppId={{6C0E9B52-8B0B-4E58-9C0B-6B7A3D1E52F4}
AppName=Lookalike
AppVersion={#Version}
AppVerName=Lookalike {#Version}
AppPublisher=The Lookalike authors
VersionInfoVersion={#Numbers}
DefaultDirName={autopf}\Lookalike
PrivilegesRequired=lowest
DisableProgramGroupPage=yes
DisableDirPage=auto
DisableReadyPage=yes
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
OutputDir={#Output}
OutputBaseFilename=lookalike-{#Version}-windows-x64
SetupIconFile={#Icon}
UninstallDisplayIcon={app}\lookalike-window.exe
UninstallDisplayName=Lookalike
WizardStyle=modern
Compression=lzma2/max
SolidCompression=yes
LZMANumBlockThreads=4
CloseApplications=yes
ChangesAssociations=yes

[Messages]
; Catalogues, settings and fetched encoders lie in the person's own folders, which no uninstaller touches.
UninstalledAll=%1 was removed. Your catalogues and settings were kept.

[Tasks]
Name: "folders"; Description: "Offer ""Open in Lookalike"" in the menu of folders"
Name: "desktop"; Description: "A shortcut on the desktop"; Flags: unchecked

[InstallDelete]
; An update leaves nothing of the version before among its libraries.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Bundle}\*"; DestDir: "{app}"; Flags: recursesubdirs createallsubdirs ignoreversion
Source: "..\..\LICENSE"; DestDir: "{app}"; DestName: "LICENSE.txt"; Flags: ignoreversion
Source: "{#Notices}"; DestDir: "{app}"; Flags: ignoreversion

[Icons]
Name: "{autoprograms}\Lookalike"; Filename: "{app}\lookalike-window.exe"; Comment: "See which of your images are alike"
Name: "{autodesktop}\Lookalike"; Filename: "{app}\lookalike-window.exe"; Tasks: desktop

[Registry]
; A folder that is clicked, and the folder that is looked into. The dot keeps the last backslash of C:\ from escaping the quote.
Root: HKA; Subkey: "Software\Classes\Directory\shell\Lookalike"; ValueType: string; ValueData: "Open in Lookalike"; Flags: uninsdeletekey; Tasks: folders
Root: HKA; Subkey: "Software\Classes\Directory\shell\Lookalike"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\lookalike-window.exe"; Tasks: folders
Root: HKA; Subkey: "Software\Classes\Directory\shell\Lookalike\command"; ValueType: string; ValueData: """{app}\lookalike-window.exe"" ""%V\."""; Tasks: folders
Root: HKA; Subkey: "Software\Classes\Directory\Background\shell\Lookalike"; ValueType: string; ValueData: "Open in Lookalike"; Flags: uninsdeletekey; Tasks: folders
Root: HKA; Subkey: "Software\Classes\Directory\Background\shell\Lookalike"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\lookalike-window.exe"; Tasks: folders
Root: HKA; Subkey: "Software\Classes\Directory\Background\shell\Lookalike\command"; ValueType: string; ValueData: """{app}\lookalike-window.exe"" ""%V\."""; Tasks: folders

[Run]
Filename: "{app}\lookalike-window.exe"; Description: "Start Lookalike"; Flags: postinstall nowait skipifsilent unchecked
