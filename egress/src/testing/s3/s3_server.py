"""OpenStack Swift with its S3 API, whole, in one process: what the tests of the storage talk to."""
import os
import sys

import eventlet

eventlet.monkey_patch()

from eventlet import wsgi  # noqa: E402
from paste.deploy import loadapp  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402

folder, access_key, secret, domain = sys.argv[1:5]
account, user = access_key.split(':')

SERVERS = {
    'account': 'egg:swift#account',
    'container': 'egg:swift#container',
    # What is stored is in memory: not each file system has the attributes that the other one needs.
    'object': 'egg:swift#mem_object',
}

COMMON = f"""
[DEFAULT]
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
log_level = ERROR
log_address = {folder}/no-log
fallocate_reserve = 0
"""

PROXY = f"""
[pipeline:main]
pipeline = catch_errors gatekeeper s3api tempauth slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:s3api]
use = egg:swift#s3api
location = eu-test-1
storage_domain = {domain}
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{user} = {secret} .admin
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""


class Cache:
    """In place of memcached, which Swift asks for who is who."""

    def __init__(self):
        self.values = {}

    def get(self, key, **_options):
        return self.values.get(key)

    def set(self, key, value, **_options):
        self.values[key] = value

    def delete(self, key, **_options):
        self.values.pop(key, None)


def cached(app):
    cache = Cache()

    def run(environ, start_response):
        environ['swift.cache'] = cache
        return app(environ, start_response)

    return run


def write(name, text):
    path = os.path.join(folder, name)
    with open(path, 'w', encoding='utf8') as file:
        file.write(text)
    return path


def main():
    os.makedirs(os.path.join(folder, 'devices', 'd1'), exist_ok=True)
    write('swift.conf', '[swift-hash]\nswift_hash_path_prefix = amphi\nswift_hash_path_suffix = tests\n')
    from swift.common import utils

    utils.SWIFT_CONF_FILE = os.path.join(folder, 'swift.conf')
    utils.validate_hash_conf()
    for name, factory in SERVERS.items():
        listener = eventlet.listen(('127.0.0.1', 0))
        builder = RingBuilder(2, 1, 1)
        builder.add_dev({'region': 1, 'zone': 1, 'ip': '127.0.0.1', 'port': listener.getsockname()[1], 'device': 'd1', 'weight': 1})
        builder.rebalance()
        builder.get_ring().save(os.path.join(folder, f'{name}.ring.gz'))
        conf = write(f'{name}.conf', f'{COMMON}\n[pipeline:main]\npipeline = {name}-server\n[app:{name}-server]\nuse = {factory}\n')
        serve(listener, loadapp(f'config:{conf}'))
    listener = eventlet.listen(('127.0.0.1', 0))
    app = cached(loadapp(f"config:{write('proxy.conf', COMMON + PROXY)}"))
    print(listener.getsockname()[1], flush=True)
    wsgi.server(listener, app, log_output=False)


def serve(listener, app):
    eventlet.spawn(wsgi.server, listener, app, log_output=False)


main()
