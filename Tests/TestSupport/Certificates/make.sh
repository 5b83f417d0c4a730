#!/usr/bin/env bash
# Makes the certificates of the TLS tests anew, with openssl 3. The authorities' keys are not kept: nobody can sign with them.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

cat >"$work/ca.cnf" <<'END'
[ca]
default_ca = tests
[tests]
database = $ENV::WORK/index.txt
new_certs_dir = $ENV::WORK
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
organizationName = optional
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[server]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = $ENV::NAMES
authorityKeyIdentifier = keyid
END
export WORK=$work NAMES=DNS:unused
: >"$work/index.txt"

# sign NAME SUBJECT EXTENSIONS FROM TO KEY [ISSUER]: without an issuer it signs itself.
sign() {
  openssl req -new -key "$6" -subj "$2" -out "$work/request.pem"
  local issuer=(-selfsign -keyfile "$6")
  [ $# -lt 7 ] || issuer=(-cert "$7.pem" -keyfile "$work/$7.key")
  openssl ca -batch -notext -config "$work/ca.cnf" -in "$work/request.pem" -extensions "$3" -startdate "$4" \
    -enddate "$5" "${issuer[@]}" -out "$1.pem"
}

from=20250101000000Z to=21250101000000Z
for name in authority other-authority intermediate; do key "$work/$name.key"; done
sign authority "/O=Fleetplan/CN=Fleetplan Test Authority" authority $from $to "$work/authority.key"
sign other-authority "/O=Fleetplan/CN=Another Test Authority" authority $from $to "$work/other-authority.key"
sign intermediate "/CN=Fleetplan Test Intermediate" authority $from $to "$work/intermediate.key" authority

key server.key
NAMES=DNS:localhost,DNS:as.fleetplan.invalid,IP:127.0.0.1
sign server "/CN=good server" server $from $to server.key authority
sign expired "/CN=expired server" server $from 20250201000000Z server.key authority
sign future "/CN=server of the future" server 21240101000000Z $to server.key authority
sign self-signed "/CN=server of its own" server $from $to server.key
sign by-intermediate "/CN=server with a chain" server $from $to server.key intermediate
cat by-intermediate.pem intermediate.pem >chain.pem
rm intermediate.pem
NAMES=DNS:as.example.com,DNS:*.as.example.com
sign other-host "/CN=another server" server $from $to server.key authority
