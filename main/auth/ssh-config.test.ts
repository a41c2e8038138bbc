// What a configuration comes to: values of options, and reading files like the system's own ssh does.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { optionsFromFiles } from './ssh-config-file.ts';
import { parseJump, parseSshOptions, seconds, sshSettings, type SshContext, type SshSettings } from './ssh-config.ts';

const context: SshContext = { host: 'attic', home: '/home/ada', accountHome: '/home/ada', localUser: 'ada', env: { AGENT: '/run/agent' } };
const of = (text: string, own: Partial<SshContext> = {}): SshSettings => sshSettings(parseSshOptions(text), { ...context, ...own });

describe('the settings for a host', () => {
  it('without any configuration are OpenSSH’s defaults', () => {
    expect(of('')).toEqual({
      host: 'attic', hostName: 'attic', port: 22, user: 'ada', identityFiles: undefined, certificateFiles: [], identitiesOnly: false, identityAgent: undefined,
      userKnownHostsFiles: ['/home/ada/.ssh/known_hosts', '/home/ada/.ssh/known_hosts2'],
      globalKnownHostsFiles: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
      hostKeyAlias: undefined, strictHostKeyChecking: 'ask', connectTimeout: undefined, serverAliveInterval: 0, jumps: [], needsProgram: undefined,
    } satisfies SshSettings);
  });

  it('give way to what the URI says', () => {
    expect(of('user eve\nport 2200', { user: 'bob', port: 77 })).toMatchObject({ user: 'bob', port: 77 });
    expect(of('user eve\nport 2200')).toMatchObject({ user: 'eve', port: 2200 });
  });

  it('hold paths with ~, %-tokens and variables filled in', () => {
    expect(of('hostname attic.example\nidentityfile ~/.ssh/%h-%r-%n-%p-%%d\nidentityfile %d/${AGENT}\nidentityfile none').identityFiles)
      .toEqual(['/home/ada/.ssh/attic.example-ada-attic-22-%d', '/home/ada//run/agent']);
    expect(of('identityagent $AGENT').identityAgent).toBe('/run/agent');
    expect(of('identityagent $NOWHERE').identityAgent).toBe('none');
    expect(of('identityagent SSH_AUTH_SOCK').identityAgent).toBeUndefined();
    expect(of('identityagent none').identityAgent).toBe('none');
  });

  it('keep paths with spaces in one piece, and move what ssh expanded into the home that is meant', () => {
    expect(of('userknownhostsfile /a b/kh ~/kh2 C:\\Users\\Ada L/kh').userKnownHostsFiles).toEqual(['/a b/kh', '/home/ada/kh2', 'C:\\Users\\Ada L/kh']);
    expect(of('globalknownhostsfile __PROGRAMDATA__\\ssh/ssh_known_hosts __PROGRAMDATA__\\ssh/ssh_known_hosts2').globalKnownHostsFiles)
      .toEqual(['C:\\ProgramData\\ssh/ssh_known_hosts', 'C:\\ProgramData\\ssh/ssh_known_hosts2']);
    expect(of('userknownhostsfile none').userKnownHostsFiles).toEqual([]);
    expect(of('userknownhostsfile /root/.ssh/known_hosts', { accountHome: '/root' }).userKnownHostsFiles).toEqual(['/home/ada/.ssh/known_hosts']);
  });

  it.each([
    ['ask', 'ask'], ['true', 'yes'], ['yes', 'yes'], ['accept-new', 'accept-new'], ['false', 'accept-new'], ['off', 'accept-new'],
  ])('take StrictHostKeyChecking %s for %s', (written, meant) => expect(of(`stricthostkeychecking ${written}`).strictHostKeyChecking).toBe(meant));

  it.each([
    ['proxycommand nc %h %p', 'a ProxyCommand'], ['proxycommand none', undefined], ['pkcs11provider /usr/lib/p11.so', 'a PKCS11Provider'],
    ['certificatefile ~/.ssh/c-cert.pub', 'a CertificateFile'], ['knownhostscommand /bin/x', 'a KnownHostsCommand'],
    ['preferredauthentications gssapi-with-mic,hostbased', 'preferredauthentications gssapi-with-mic,hostbased'],
    ['preferredauthentications gssapi-with-mic,publickey', undefined], ['gssapiauthentication yes', undefined],
    ['kexalgorithms sntrup761x25519-sha512@openssh.com,mlkem768x25519-sha256', 'kexalgorithms sntrup761x25519-sha512@openssh.com,mlkem768x25519-sha256'],
    ['kexalgorithms sntrup761x25519-sha512@openssh.com,curve25519-sha256', undefined], ['kexalgorithms ^sntrup761x25519-sha512', undefined],
    ['hostkeyalgorithms ssh-ed25519-cert-v01@openssh.com', 'hostkeyalgorithms ssh-ed25519-cert-v01@openssh.com'],
  ])('with %s need the ssh program for %s', (text, reason) => expect(of(text).needsProgram).toBe(reason));

  it('read times with units', () => {
    expect([seconds('90'), seconds('1m30'), seconds('2H'), seconds('none'), seconds(undefined)]).toEqual([90, 90, 7200, undefined, undefined]);
  });
});

describe('a jump host', () => {
  it.each([
    ['b', { host: 'b' }], ['ada@b:77', { user: 'ada', host: 'b', port: 77 }], ['[fd00::1]:22', { host: 'fd00::1', port: 22 }], ['ssh://ada@b:2', { user: 'ada', host: 'b', port: 2 }],
    ['ada@example.org@b', { user: 'ada@example.org', host: 'b' }], ['-oProxyCommand=x', undefined], ['b:0', undefined], ['b:70000', undefined], ['', undefined], ['-l@b', undefined],
  ])('%j is %j', (written, meant) => expect(parseJump(written)).toEqual(meant));

  it('never is an option of a program, whatever is written', () => {
    fc.assert(fc.property(fc.string(), (written) => parseJump(written)?.host.startsWith('-') !== true));
  });
});

describe('files read without the ssh program', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'guestdeck-config-'));
    mkdirSync(join(folder, 'more.d'));
    writeFileSync(join(folder, 'more.d', '2.conf'), 'Host attic\n  Port 3333\n');
    writeFileSync(join(folder, 'more.d', '1.conf'), 'Host attic\n  Port 2222\n  IdentityFile /keys/included\n');
    writeFileSync(join(folder, 'more.d', 'not.txt'), 'Port 1\n');
    writeFileSync(join(folder, 'config'), [
      `Include ${folder}/more.d/*.conf`,
      'Host attic cellar !roof', '  hostname %h.example.org', '  User=grace', '  IdentityFile "/keys/a b"', '  IdentityFile /keys/two', '  ProxyJump ada@door:77,gate',
      'Match originalhost cellar user grace', '  HostKeyAlias under', '  IdentitiesOnly yes',
      'Match exec "false"', '  Port 4444',
      'Host *', '  User nobody', '  ServerAliveInterval 15', '  StrictHostKeyChecking accept-new', `  UserKnownHostsFile ${folder}/kh1 ${folder}/kh2`, '',
    ].join('\n'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(['attic', 'cellar', 'roof', 'elsewhere'])('mean for %s what the program says', async (host) => {
    const own = { ...context, host };
    const program = execFileSync('ssh', ['-G', '-F', join(folder, 'config'), '-l', 'grace', '--', host], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const expected = sshSettings(parseSshOptions(program), own);
    const found = sshSettings(await optionsFromFiles([join(folder, 'config')], folder, host, 'grace'), own);
    expect({ ...found, user: 'grace' }).toEqual(expected);
  });

  it('that are not there say nothing', async () => {
    expect(await optionsFromFiles([join(folder, 'nothing'), join(folder, 'config', 'below')], folder, 'attic', undefined)).toEqual(new Map());
  });
});
