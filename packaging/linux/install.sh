#!/bin/sh
# Puts this folder's Lookalike into the menu of the one who runs it, and `lookalike` into ~/.local/bin.
# ./install.sh --remove takes both out again; the folder itself, and what you made with it, stay.
set -e
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
share=${XDG_DATA_HOME:-$HOME/.local/share}
programs=$HOME/.local/bin
refresh() {
    if command -v update-desktop-database >/dev/null; then update-desktop-database -q "$share/applications" || true; fi
    if command -v gtk-update-icon-cache >/dev/null; then gtk-update-icon-cache -q -t -f "$share/icons/hicolor" || true; fi
}
if [ "$1" = --remove ]; then
    (cd "$here/share" && find . -type f) | while read -r file; do rm -f "$share/$file"; done
    if [ "$(readlink "$programs/lookalike")" = "$here/lookalike" ]; then rm "$programs/lookalike"; fi
    refresh
    echo "Lookalike is out of the menu. Its folder may be deleted now: $here"
    exit 0
fi
mkdir -p "$share" "$programs"
cp -R "$here/share/." "$share/"
ln -sfn "$here/lookalike" "$programs/lookalike"
# The menu finds the program whatever the search path of the desktop. By the link: a quoted Exec takes no % " $ ` that
# every desktop reads alike, and the name of this folder may have them.
escaped=$(printf '%s' "$programs/lookalike" | sed 's/[\\&|"]/\\&/g')
sed "s|^Exec=lookalike|Exec=\"$escaped\"|" "$here/share/applications/lookalike.desktop" > "$share/applications/lookalike.desktop"
refresh
echo "Lookalike is in the menu, and can be started as: $programs/lookalike"
