#!/bin/sh
# Makes the disk image from the .app that `python3 run.py package` has built: make_dmg.sh [APP [FOLDER]]
# Signs and notarises where these are given, and leaves the ad-hoc signature of the build elsewhere:
#   MACOS_SIGN_IDENTITY                             "Developer ID Application: ..." in the keychain
#   MACOS_NOTARY_APPLE_ID, MACOS_NOTARY_TEAM_ID, MACOS_NOTARY_PASSWORD   an account of Apple's notary
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname "$(dirname "$here")")
app=${1:-$root/build/package/cpu/bundle/Lookalike.app}
output=${2:-$root/dist}
version=$(python3 "$root/packaging/version.py")
image=$output/lookalike-$version-macos-$(uname -m).dmg

if [ -n "${MACOS_SIGN_IDENTITY:-}" ]; then
    # From the inside out: a signature covers what lies within it.
    find "$app/Contents" -type f \( -name '*.so' -o -name '*.dylib' -o -perm -u+x \) -print0 |
        xargs -0 -n 50 codesign --force --timestamp --options runtime --sign "$MACOS_SIGN_IDENTITY"
    codesign --force --timestamp --options runtime --entitlements "$here/entitlements.plist" \
        --sign "$MACOS_SIGN_IDENTITY" "$app"
    codesign --verify --deep --strict "$app"
else
    echo "Not signed, since there is no MACOS_SIGN_IDENTITY: $app"
fi

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp -R "$app" "$stage/"
ln -s /Applications "$stage/Applications"
cp "$root/LICENSE" "$stage/LICENSE.txt"
mkdir -p "$output"
rm -f "$image"
hdiutil create -quiet -fs HFS+ -format ULFO -volname "Lookalike $version" -srcfolder "$stage" "$image"

if [ -n "${MACOS_SIGN_IDENTITY:-}" ] && [ -n "${MACOS_NOTARY_APPLE_ID:-}" ]; then
    codesign --force --timestamp --sign "$MACOS_SIGN_IDENTITY" "$image"
    xcrun notarytool submit "$image" --wait --apple-id "$MACOS_NOTARY_APPLE_ID" \
        --team-id "$MACOS_NOTARY_TEAM_ID" --password "$MACOS_NOTARY_PASSWORD"
    xcrun stapler staple "$image"
else
    echo "Not notarised, since there is no account of the notary: $image"
fi
echo "$image"
