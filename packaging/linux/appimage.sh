#!/bin/sh
# Makes an AppImage from what `python3 run.py package` has built: appimage.sh [WORK [FOLDER]]
# WORK holds bundle/lookalike, share/ and THIRD_PARTY_NOTICES.txt. APPIMAGETOOL names the tool that packs it.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname "$(dirname "$here")")
work=${1:-$root/build/package/cpu}
output=${2:-$root/dist}
tool=${APPIMAGETOOL:-appimagetool}
version=$(python3 "$root/packaging/version.py")
machine=$(uname -m)
image=$output/lookalike-$version-$machine.AppImage

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir -p "$place/usr/lib" "$place/usr/share/doc/lookalike" "$output"
cp -R "$work/bundle/lookalike" "$place/usr/lib/lookalike"
cp -R "$work/share/." "$place/usr/share/"
cp "$root/LICENSE" "$work/THIRD_PARTY_NOTICES.txt" "$place/usr/share/doc/lookalike/"
cp "$work/share/applications/lookalike.desktop" "$place/"
cp "$work/share/icons/hicolor/256x256/apps/lookalike.png" "$place/"
ln -s lookalike.png "$place/.DirIcon"
cat > "$place/AppRun" <<'END'
#!/bin/sh
exec "$(dirname -- "$(readlink -f -- "$0")")/usr/lib/lookalike/lookalike" "$@"
END
chmod 755 "$place/AppRun"
# The tool is an AppImage itself, and a container has no FUSE to mount it.
ARCH=$machine APPIMAGE_EXTRACT_AND_RUN=1 "$tool" --no-appstream "$place" "$image"
echo "$image"
