#!/bin/sh
# Puts what package-lock.json pins into a cache outside of the tree; does nothing where it is there already.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/baocao-tests
if cmp -s "$here/package-lock.json" "$cache/package-lock.json" && [ -d "$cache/node_modules" ]; then exit 0; fi
mkdir -p "$cache"
cp "$here/package.json" "$cache/"
cp "$here/package-lock.json" "$cache/package-lock.new"
mv "$cache/package-lock.new" "$cache/package-lock.json"
if ! npm ci --prefix "$cache" --ignore-scripts --no-audit --no-fund --silent; then
  rm -f "$cache/package-lock.json"
  exit 1
fi
