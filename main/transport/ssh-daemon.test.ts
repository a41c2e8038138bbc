// Which ways lead to the daemon, by the parameters of the URI.
import { describe, expect, it } from 'vitest';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { waysToDaemon } from './ssh-daemon.ts';

const waysOf = (rest: string): readonly string[] =>
  waysToDaemon(parseConnectionUri(rest)).map((way) => `${way.kind} ${way.kind === 'helper' ? way.uri : way.kind === 'netcat' ? `${way.program} ${way.path}` : way.path}`);
const run = '/var/run/libvirt';

describe('the ways to the daemon', () => {
  it.each([
    ['qemu+ssh://h/system', [
      `forward ${run}/virtqemud-sock`, `forward ${run}/libvirt-sock`, 'helper qemu:///system', `netcat nc ${run}/virtqemud-sock`, `netcat nc ${run}/libvirt-sock`,
    ]],
    ['test+ssh://h/default', [`forward ${run}/libvirt-sock`, 'helper test:///default', `netcat nc ${run}/libvirt-sock`]],
    ['qemu+ssh://h/system?mode=direct', [`forward ${run}/virtqemud-sock`, 'helper qemu:///system?mode=direct', `netcat nc ${run}/virtqemud-sock`]],
    ['qemu+ssh://h/system?mode=legacy&proxy=native&x=1', ['helper qemu:///system?x=1&mode=legacy']],
    ['qemu+ssh://h/system?proxy=netcat&mode=legacy', [`netcat nc ${run}/libvirt-sock`]],
    ['qemu+ssh://h/system?netcat=/opt/nc&socket=/s', ['netcat /opt/nc /s']],
    ['qemu+ssh://h/system?socket=/s', ['forward /s', 'netcat nc /s']],
    ['qemu+ssh://h/session', ['helper qemu:///session']],
    ['qemu+ssh://h/session?socket=/run/user/7/libvirt/libvirt-sock', ['forward /run/user/7/libvirt/libvirt-sock', 'netcat nc /run/user/7/libvirt/libvirt-sock']],
    ['remote+ssh://h/?proxy=native', ['helper remote:///']],
    ['remote+ssh://h/?name=test:///default', [`forward ${run}/libvirt-sock`, 'helper test:///default', `netcat nc ${run}/libvirt-sock`]],
  ])('of %s', (uri, ways) => expect(waysOf(uri)).toEqual(ways));

  it('for who only looks lead to the sockets for that, and tell the helper', () => {
    expect(waysToDaemon(parseConnectionUri('qemu+ssh://h/system?mode=legacy'), true)).toEqual([
      { kind: 'forward', path: `${run}/libvirt-sock-ro` }, { kind: 'helper', uri: 'qemu:///system?mode=legacy', readOnly: true }, { kind: 'netcat', program: 'nc', path: `${run}/libvirt-sock-ro` },
    ]);
    expect(waysToDaemon(parseConnectionUri('qemu+ssh://h/system?socket=/s&proxy=netcat'), true)).toEqual([{ kind: 'netcat', program: 'nc', path: '/s' }]);
  });

  it('do not exist for netcat to a user’s own daemon', () => {
    expect(() => waysOf('qemu+ssh://h/session?proxy=netcat')).toThrow(Refused);
  });
});
