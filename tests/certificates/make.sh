#!/bin/sh
# Makes the odd certificates of this folder anew, with OpenSSL 3. Keys are thrown away: tests only show the
# certificates, and never sign with them.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
names=subjectAltName=DNS:localhost,IP:127.0.0.1
days=36500

# authority NAME KEY-OPTIONS...: a root.
authority() {
    name=$1; shift
    openssl req -x509 -nodes -days $days -subj "/CN=$name" -keyout "$work/$name.key" -out "$name.pem" "$@" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
}

# leaf NAME AUTHORITY DIGEST EXTENSIONS KEY-OPTIONS...: a certificate for a server; without extensions one of version 1.
leaf() {
    name=$1 by=$2 digest=$3 extensions=$4; shift 4
    openssl req -new -nodes -subj "/CN=$name.example" -keyout "$work/$name.key" -out "$work/$name.csr" "$@" 2>/dev/null
    printf '%b' "$extensions" > "$work/extensions"
    if [ -n "$extensions" ]; then set -- -extfile "$work/extensions"; else set --; fi
    openssl x509 -req -in "$work/$name.csr" -CA "$by.pem" -CAkey "$work/$by.key" -days $days "-$digest" \
        -set_serial "0x$(printf '%s' "$name" | openssl dgst -sha1 -r | cut -c1-14)" -out "$name.pem" "$@" 2>/dev/null
}

p256="-newkey ec -pkeyopt ec_paramgen_curve:P-256"
authority authority $p256
authority weak-authority -newkey rsa:1024
leaf good authority sha256 "$names" $p256
leaf version-1 authority sha256 "" $p256
leaf critical authority sha256 "$names\n1.2.3.4=critical,ASN1:UTF8String:odd" $p256
leaf policy authority sha256 "$names\ncertificatePolicies=critical,1.2.3.5" $p256
leaf clients authority sha256 "$names\nextendedKeyUsage=clientAuth,emailProtection" $p256
leaf garbage authority sha256 "subjectAltName=DER:04:02:01:02" $p256
leaf nameless authority sha256 "basicConstraints=CA:FALSE" $p256
leaf rsa-1024 authority sha256 "$names" -newkey rsa:1024
leaf p-521 authority sha256 "$names" -newkey ec -pkeyopt ec_paramgen_curve:P-521
leaf p-224 authority sha256 "$names" -newkey ec -pkeyopt ec_paramgen_curve:P-224
leaf ed-448 authority sha256 "$names" -newkey ed448
leaf sha-512 authority sha512 "$names" $p256
leaf sha-1 authority sha1 "$names" $p256
leaf by-weak weak-authority sha256 "$names" $p256
leaf authority-as-server authority sha256 "$names\nbasicConstraints=critical,CA:TRUE" $p256
leaf constrained-authority authority sha256 \
    "basicConstraints=critical,CA:TRUE\nnameConstraints=critical,permitted;DNS:corp.example" $p256
leaf constrained constrained-authority sha256 "$names" $p256
leaf no-authority authority sha256 "basicConstraints=critical,CA:FALSE" $p256
leaf by-no-authority no-authority sha256 "$names" $p256
leaf critical-authority authority sha256 "basicConstraints=critical,CA:TRUE\n1.2.3.4=critical,ASN1:UTF8String:odd" $p256
leaf by-critical critical-authority sha256 "$names" $p256
openssl req -x509 -nodes $p256 -days $days -subj /CN=self.example -keyout "$work/self.key" -out self.pem \
    -addext "$names" 2>/dev/null

# A list of version 1, and one of version 2 that revokes good.pem.
touch "$work/index"
printf '01' > "$work/number"
cat > "$work/ca.cnf" <<CONFIGURATION
[ca]
default_ca=own
[own]
database=$work/index
crlnumber=$work/number
default_md=sha256
default_crl_days=$days
[version_2]
authorityKeyIdentifier=keyid
CONFIGURATION
by="-config $work/ca.cnf -cert authority.pem -keyfile $work/authority.key"
openssl ca $by -revoke good.pem 2>/dev/null
openssl ca $by -gencrl -crlexts version_2 -out revoked.pem 2>/dev/null
sed -i '/^crlnumber/d' "$work/ca.cnf"
openssl ca $by -gencrl -out revoked-version-1.pem 2>/dev/null
