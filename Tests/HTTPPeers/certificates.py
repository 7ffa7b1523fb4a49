"""Makes an authority of the tests' own, and certificates that are good or bad in one way each."""
import os
import subprocess

GOOD_HOSTS = 'subjectAltName=IP:127.0.0.1,DNS:localhost'
CONFIG = '''
[ca]
default_ca = authority
[authority]
dir = {folder}
database = $dir/index
new_certs_dir = $dir
serial = $dir/serial
certificate = $dir/ca.pem
private_key = $dir/ca.key
default_md = sha256
default_days = 30
policy = anything
unique_subject = no
[anything]
commonName = supplied
'''


def openssl(*arguments):
    result = subprocess.run(['openssl', *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if result.returncode != 0:
        raise SystemExit(f'openssl {" ".join(arguments)}: {result.stderr}')


def make_key(path):
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', path)


def make_certificates(folder):
    """Writes `ca.pem`, and `good`, `expired`, `early`, `other` and `self` with `.pem`, all of the key `server.key`."""
    def path(name):
        return os.path.join(folder, name)

    def write(name, text):
        with open(path(name), 'w') as file:
            file.write(text)

    make_key(path('ca.key'))
    make_key(path('server.key'))
    openssl('req', '-x509', '-key', path('ca.key'), '-out', path('ca.pem'), '-days', '30', '-subj', '/CN=Tests')
    openssl('req', '-x509', '-key', path('server.key'), '-out', path('self.pem'), '-days', '30', '-subj', '/CN=Self',
            '-addext', GOOD_HOSTS)
    openssl('req', '-new', '-key', path('server.key'), '-out', path('request'), '-subj', '/CN=Server')
    write('config', CONFIG.format(folder=folder))
    write('index', '')
    write('serial', '1000\n')
    write('here', GOOD_HOSTS)
    write('elsewhere', 'subjectAltName=DNS:elsewhere.test')

    def sign(name, hosts='here', dates=()):
        openssl('ca', '-config', path('config'), '-batch', '-notext', '-in', path('request'),
                '-out', path(name + '.pem'), '-extfile', path(hosts), *dates)

    sign('good')
    sign('other', 'elsewhere')
    sign('expired', dates=['-startdate', '20200101000000Z', '-enddate', '20200201000000Z'])
    sign('early', dates=['-startdate', '20480101000000Z', '-enddate', '20490101000000Z'])
