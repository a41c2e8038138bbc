// Connection URIs: what is understood, what is refused, and that nothing is lost on the way back to text.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refused, type Refusal } from './refusal.ts';
import { driverUri, parseConnectionUri, printConnectionUri, uriFlag, uriParameter, type ConnectionUri } from './connection-uri.ts';

const refusalOf = (text: string): Refusal => {
  try {
    parseConnectionUri(text);
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
  throw new Error(`${text} was understood`);
};

describe('reading a connection URI', () => {
  it.each<[string, ConnectionUri]>([
    ['qemu:///system', { driver: 'qemu', transport: 'unix', path: '/system', parameters: [] }],
    ['QEMU+UNIX:///session', { driver: 'qemu', transport: 'unix', path: '/session', parameters: [] }],
    ['test:///default', { driver: 'test', transport: 'unix', path: '/default', parameters: [] }],
    ['demo:///', { driver: 'demo', transport: 'demo', path: '/', parameters: [] }],
    ['qemu://node/system', { driver: 'qemu', transport: 'tls', host: 'node', path: '/system', parameters: [] }],
    ['remote+tcp://node:16510/', { driver: 'remote', transport: 'tcp', host: 'node', port: 16510, path: '/', parameters: [] }],
    ['qemu+ssh://root@[fd00::1]:2222/system', { driver: 'qemu', transport: 'ssh', user: 'root', host: 'fd00::1', port: 2222, path: '/system', parameters: [] }],
    ['qemu+tls://[fe80::1%25eth0]/system', { driver: 'qemu', transport: 'tls', host: 'fe80::1%eth0', path: '/system', parameters: [] }],
    ['qemu+libssh2://node/system', { driver: 'qemu', transport: 'ssh', user: 'root', host: 'node', path: '/system', parameters: [] }],
    ['qemu+ssh://dom%40corp@node/system', { driver: 'qemu', transport: 'ssh', user: 'dom@corp', host: 'node', path: '/system', parameters: [] }],
    ['test+ssh:///a%20b.xml?socket=/tmp/a%26b&x', {
      driver: 'test', transport: 'ssh', path: '/a b.xml', parameters: [{ name: 'socket', value: '/tmp/a&b' }, { name: 'x', value: '' }],
    }],
  ])('understands %s', (text, uri) => expect(parseConnectionUri(text)).toEqual(uri));

  it.each([
    ['', 'does not begin with a hypervisor'],
    ['qemu', 'does not begin with a hypervisor'],
    ['://host/system', 'does not begin with a hypervisor'],
    ['qemu+carrier-pigeon://host/system', 'does not begin with a hypervisor'],
    ['qemu+quic://host/system', 'a transport that does not exist'],
    ['qemu+constructor://host/system', 'a transport that does not exist'],
    ['qemu+unix://host/system', 'stays on this machine'],
    ['qemu://root@/system', 'stays on this machine'],
    ['demo+ssh://host/', 'without a transport'],
    ['demo://host/', 'stays on this machine'],
    ['qemu:system', 'does not begin with /'],
    ['qemu+tls://host:0/system', 'not between 1 and 65535'],
    ['qemu+tls://host:65536/system', 'not between 1 and 65535'],
    ['qemu+tls://host:ssh/system', 'cannot be understood'],
    ['qemu+tls://fd00::1/system', 'cannot be understood'],
    ['qemu+tls://[node]/system', 'not an IPv6 address'],
    ['qemu+ssh://-oProxyCommand=id/system', 'no host name has'],
    ['qemu+ssh://-l@host/system', 'begins with a dash'],
    ['qemu+ssh://a%20b/system', 'no host name has'],
    ['qemu+ssh://host/system?keyfile=', 'keyfile of the connection URI must not be empty'],
    ['qemu+ssh://host/system?proxy=squid', 'must be one of auto, native, netcat'],
    ['qemu+ssh://host/system?sshauth=agent,gssapi', 'must be a list of agent, privkey'],
    ['qemu+ssh://host/system?proxy=native&netcat=nc', 'asks for proxy=native'],
    ['qemu+tls://host/system?no_verify=yes', 'must be a whole number'],
    ['qemu+tls://host/system?auth=kerberos', 'must be sasl'],
    ['qemu+tls://host/system?=1', 'has no name'],
    ['qemu:///%zz', 'wrong %-code'],
    ['qemu:///a%00b', 'control character'],
    ['qemu:///system#top', 'has a #'],
  ])('refuses %s', (text, words) => {
    const refusal = refusalOf(text);
    expect(refusal).toMatchObject({ code: 'bad-uri', stage: 'uri', field: 'uri', message: expect.stringContaining(words) });
    expect(refusal.remedy).toMatch(/\.$/);
  });

  it('does not repeat a password typed into the URI', () => {
    const refusal = refusalOf('qemu+ssh://root:hunter2@host/system');
    expect(JSON.stringify(refusal)).not.toContain('hunter2');
  });

  it('reads parameters without regard to case, the last of several, and numbers as yes or no', () => {
    const uri = parseConnectionUri('qemu+tls://h/system?PkiPath=/a&pkipath=/b;no_verify=2&no_tty=0');
    expect([uriParameter(uri, 'pkipath'), uriFlag(uri, 'no_verify'), uriFlag(uri, 'no_tty'), uriFlag(uri, 'no_sanity')])
      .toEqual(['/b', true, false, false]);
  });

  it('never fails otherwise than by a refusal', () => {
    const pieces = fc.array(fc.constantFrom('qemu', '+', 'ssh', ':', '/', '//', '@', '[', ']', '?', '#', '%', '%41', '&', '=', ';', '-', '1', 'é', '\0'));
    fc.assert(fc.property(fc.oneof(fc.string(), pieces.map((some) => some.join('')), pieces.map((some) => `qemu+ssh://${some.join('')}`)), (text) => {
      let uri;
      try {
        uri = parseConnectionUri(text);
      } catch (error) {
        expect(error).toBeInstanceOf(Refused);
        return;
      }
      expect(parseConnectionUri(printConnectionUri(uri))).toEqual(uri);
    }), { numRuns: 2000 });
  });
});

describe('printing a connection URI', () => {
  const printable = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text));
  const label = fc.stringMatching(/^[a-z0-9_][a-z0-9._-]{0,20}$/);
  const remote = fc.record({
    driver: fc.constantFrom('qemu', 'test', 'remote', 'xen', 'lxc'),
    transport: fc.constantFrom('ssh', 'tls', 'tcp', 'ext'),
    user: printable.filter((user) => !user.startsWith('-')),
    host: fc.oneof(label, fc.ipV4(), fc.ipV6().filter((address) => address.includes(':')), fc.ipV6().map((address) => `${address}%eth0`)),
    port: fc.integer({ min: 1, max: 65535 }),
    path: fc.oneof(fc.constant(''), fc.string({ unit: 'grapheme' }).filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text)).map((text) => `/${text}`)),
    parameters: fc.array(fc.record({ name: printable.map((name) => `x${name}`), value: printable })),
  }, { requiredKeys: ['driver', 'transport', 'path', 'parameters'] });

  it('loses nothing', () => {
    fc.assert(fc.property(remote, (uri) => {
      // A path that begins with // would read as a host when there is none; the authority is always printed, so it does not.
      expect(parseConnectionUri(printConnectionUri(uri))).toEqual(uri);
    }), { numRuns: 1000 });
  });

  it('writes what people write', () => {
    for (const text of ['qemu:///system', 'demo:///', 'qemu+ssh://root@[fd00::1]:2222/system', 'qemu+tls://[fe80::1%25eth0]/system?pkipath=/home/a']) {
      expect(printConnectionUri(parseConnectionUri(text))).toBe(text);
    }
  });
});

describe('the name a daemon is asked to open', () => {
  it.each([
    ['qemu+ssh://root@host:22/system?keyfile=/k&no_verify=1&MODE=legacy&argv=1&Auth=sasl', 'qemu:///system'],
    ['qemu:///system?x=a%26b&socket=/s', 'qemu:///system?x=a%26b'],
    ['test+unix:///tmp/fleet%201.xml', 'test:///tmp/fleet%201.xml'],
    ['qemu+tls://host/system?name=test:///default', 'test:///default'],
    ['remote+tls://host/', ''],
    ['remote+tls://host/?name=qemu:///session', 'qemu:///session'],
  ])('of %s is %s', (text, name) => expect(driverUri(parseConnectionUri(text))).toBe(name));
});
