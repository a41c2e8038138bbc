// Every transport with every credential that a real libvirtd and a real sshd know, through the whole of main; virsh is the witness of what is listed.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Question, QuestionAnswer } from '../../app/contract/questions.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { defineLightGuests } from '../../e2e/lab/guests.ts';
import { moreSshd } from '../../e2e/lab/more-sshd.ts';
import type { LabDaemon } from '../../e2e/lab/state.ts';
import { extraDaemon, extraDaemonDown } from '../../e2e/lab/tier1.ts';
import { virsh, virshAt } from '../../e2e/lab/witness.ts';
import { asking } from './asking.test-peer.ts';
import { createMain } from './main.ts';

let lab: LabDaemon;
/** Wants SASL over TLS and its UNIX socket as well. */
let guarded: LabDaemon;
let folder: string;
let agent: ChildProcess;
/** Ports of sshds: one that asks through PAM, one that wants a key and PAM, one for a user of its own with a key of its own, one that takes certificates alone. */
let doors: Readonly<Record<'pam' | 'both' | 'gate' | 'certified', number>>;
const file = (name: string): string => join(folder, name);
const publicKey = (path: string): string => execFileSync('cut', ['-d', ' ', '-f', '1,2', `${path}.pub`], { encoding: 'utf8' }).trim();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gd-ways-'));
  [lab, guarded] = await Promise.all([
    extraDaemon('ways'),
    extraDaemon('ways-guarded', { tlsAuthentication: 'sasl', unixAuthentication: 'sasl', mechanisms: ['digest-md5', 'scram-sha-512', 'scram-sha-256', 'scram-sha-1', 'plain'] }),
  ]);
  await Promise.all([defineLightGuests(lab, 3), defineLightGuests(guarded, 2)]);
  for (const [name, type, passphrase] of [['ed25519', 'ed25519', ''], ['ecdsa', 'ecdsa', ''], ['rsa', 'rsa', ''], ['locked', 'ed25519', 'open sesame'], ['gate', 'ecdsa', ''], ['agent', 'ed25519', ''], ['certified', 'ed25519', ''], ['authority', 'ed25519', '']] as const) {
    execFileSync('ssh-keygen', ['-q', '-a', '1', '-t', type, '-N', passphrase, '-f', file(name)]);
  }
  execFileSync('ssh-keygen', ['-q', '-s', file('authority'), '-I', 'lab', '-n', 'root', file('certified.pub')]);
  await copyFile(`${lab.ssh.hostKeyFiles[0]}.pub`, file('host.pub'));
  execFileSync('ssh-keygen', ['-q', '-s', file('authority'), '-I', 'host', '-h', '-n', '127.0.0.1', file('host.pub')]);
  const keys = ['ed25519', 'ecdsa', 'rsa', 'locked', 'agent'].map((name) => publicKey(file(name)));
  await writeFile(join(lab.dir, 'ssh', 'authorized_keys'), [...keys, publicKey(lab.ssh.keyFile), publicKey(lab.ssh.encryptedKeyFile), ''].join('\n'));
  // sshd reads it as the user who logs in.
  await writeFile(join(lab.dir, 'ssh', 'gate_keys'), `${publicKey(file('gate'))}\n`);
  const pam = ['UsePAM yes', 'KbdInteractiveAuthentication yes', 'PasswordAuthentication no'];
  const authorized = `AuthorizedKeysFile ${lab.dir}/ssh/authorized_keys`;
  doors = {
    pam: await moreSshd(lab, 'pam', [...pam, 'PubkeyAuthentication no']),
    both: await moreSshd(lab, 'both', [...pam, authorized, 'AuthenticationMethods publickey,keyboard-interactive']),
    gate: await moreSshd(lab, 'gate', ['UsePAM no', 'PasswordAuthentication no', 'KbdInteractiveAuthentication no', `AuthorizedKeysFile ${lab.dir}/ssh/gate_keys`, `AllowUsers ${lab.ssh.passwordUser}`]),
    certified: await moreSshd(lab, 'certified', ['UsePAM no', 'PasswordAuthentication no', 'AuthorizedKeysFile none', `TrustedUserCAKeys ${file('authority.pub')}`, `HostCertificate ${file('host-cert.pub')}`]),
  };
  agent = spawn('ssh-agent', ['-D', '-a', file('agent.sock')], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (agent.stdout !== null) await once(agent.stdout, 'data');
  execFileSync('ssh-add', ['-q', file('agent')], { env: { ...process.env, SSH_AUTH_SOCK: file('agent.sock') } });
}, 120_000);
afterAll(async () => {
  agent.kill();
  await Promise.all([once(agent, 'exit'), extraDaemonDown('ways'), extraDaemonDown('ways-guarded')]);
  await rm(folder, { recursive: true });
});

/** One way to a daemon. Texts that need the lab are made when it is there. */
interface Way {
  readonly uri: () => string;
  readonly of?: () => LabDaemon;
  /** Lines of ~/.ssh/config. */
  readonly config?: () => readonly string[];
  /** ~/.ssh/known_hosts; all hosts' real keys when left out. */
  readonly known?: () => string;
  /** ~/.ssh/id_ed25519 is a copy of this. */
  readonly ownKey?: () => string;
  readonly agent?: true;
  readonly answers?: readonly QuestionAnswer[];
  /** Kinds of question asked, over two connects in one run of the program. */
  readonly asked?: readonly Question['kind'][];
  /** What a stage has to have seen, as `stage: words`. */
  readonly seen?: RegExp;
  /** virsh connects by the same URI, too. */
  readonly virsh?: true;
}
interface Refusing extends Omit<Way, 'virsh'> {
  readonly refusal: object;
}

const ssh = (parameters = '', port = lab.ssh.port, user = 'root', host = '127.0.0.1', transport = 'ssh'): string => `qemu+${transport}://${user}@${host}:${port}/system?${parameters}`;
const key = (name: string): string => `keyfile=${file(name)}`;
const tls = ({ tls: { port, pkiDir } }: LabDaemon, more = '', pki = pkiDir): string => `qemu+tls://127.0.0.1:${port}/system?pkipath=${pki}${more}`;
const authenticated = (mechanism: string): string => `&auth=sasl.${mechanism}&authfile=${guarded.tcp.authFile}`;
const anyHost = async (): Promise<string> => (await Promise.all(lab.ssh.hostKeyFiles.map(async (path) => `* ${(await readFile(`${path}.pub`, 'utf8')).trim()}\n`))).join('');
const typed = (text: string): QuestionAnswer => ({ kind: 'prompts', answers: [text] });
const accept = (how: 'once' | 'always'): QuestionAnswer => ({ kind: 'hostKey', accept: how });
const hostBlock = (alias: string, port: number, ...more: readonly string[]): readonly string[] => [`Host ${alias}`, 'HostName 127.0.0.1', `Port ${port}`, 'IdentitiesOnly yes', ...more];

const ways: Readonly<Record<string, Way>> = {
  'the UNIX socket': { uri: () => `qemu:///system?socket=${lab.unix.socket}`, virsh: true, seen: /^socket: .*libvirt-sock$/ },
  'the UNIX socket, by SASL SCRAM-SHA-512': { of: () => guarded, uri: () => `qemu:///system?socket=${guarded.unix.socket}${authenticated('SCRAM-SHA-512')}`, virsh: true, seen: /^sasl: Logged in as lab by SCRAM-SHA-512/ },
  'TLS with a client certificate': { uri: () => tls(lab), virsh: true, seen: /^tls: TLSv1\.3/ },
  'TLS with no look at the certificate': { uri: () => tls(lab, '&no_verify=1'), virsh: true, seen: /^certificate: not checked/ },
  ...Object.fromEntries(['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'DIGEST-MD5'].map((mechanism) => [
    `TLS and SASL ${mechanism}`, { of: () => guarded, uri: () => tls(guarded, authenticated(mechanism)), virsh: true, seen: new RegExp(`^sasl: Logged in as lab by ${mechanism}`) } satisfies Way,
  ])),
  'TCP and SASL DIGEST-MD5 with its encryption': { uri: () => `qemu+tcp://127.0.0.1:${lab.tcp.port}/system?authfile=${lab.tcp.authFile}`, virsh: true, seen: /^sasl: Logged in as lab by DIGEST-MD5/ },
  'TCP and SASL, a person typing': {
    uri: () => `qemu+tcp://127.0.0.1:${lab.tcp.port}/system`, answers: [{ kind: 'credentials', user: 'lab', password: 'lab-sasl-password' }], asked: ['credentials'], seen: /by DIGEST-MD5/,
  },
  'SSH and SASL': { of: () => guarded, uri: () => ssh(`keyfile=${guarded.ssh.keyFile}&known_hosts=${guarded.ssh.knownHosts}&socket=${guarded.ssh.socket}${authenticated('SCRAM-SHA-256')}`, guarded.ssh.port), seen: /^sasl: Logged in as lab by SCRAM-SHA-256/ },
  ...Object.fromEntries(['ed25519', 'ecdsa', 'rsa'].map((type) => [`SSH with an ${type} key`, { uri: () => ssh(key(type)), seen: new RegExp(`^login: root, by .*/${type}$`) } satisfies Way])),
  'SSH with the key that lies in the home folder': { uri: () => ssh(), ownKey: () => file('ed25519'), seen: /^login: root, by .*id_ed25519$/ },
  'SSH with the agent': { uri: () => ssh(), agent: true, seen: /^login: root, by SSH agent$/ },
  'SSH with a locked key, asked for once': { uri: () => ssh(key('locked')), answers: [{ kind: 'passphrase', passphrase: 'open sesame' }], asked: ['passphrase'], seen: /^login: root, by .*locked$/ },
  'SSH with a password': { uri: () => ssh('', lab.ssh.port, lab.ssh.passwordUser), answers: Array.from({ length: 2 }, () => ({ kind: 'password', password: 'lab-password' })), asked: ['password', 'password'], seen: /^login: labuser, by password$/ },
  'SSH with the questions of PAM': { uri: () => ssh('', doors.pam, lab.ssh.passwordUser), answers: [typed('lab-password'), typed('lab-password')], asked: ['prompts', 'prompts'], seen: /^login: labuser, by the server’s questions$/ },
  'SSH with a key and the questions of PAM': { uri: () => ssh(key('ed25519'), doors.both, lab.ssh.passwordUser), answers: [typed('lab-password'), typed('lab-password')], asked: ['prompts', 'prompts'], seen: /^login: labuser, by the server’s questions$/ },
  'SSH to an alias': { uri: () => 'qemu+ssh://attic/system', config: () => hostBlock('attic', lab.ssh.port, 'User root', `IdentityFile ${file('rsa')}`), seen: /^login: root, by .*rsa$/ },
  'SSH behind a jump host': {
    uri: () => 'qemu+ssh://inner/system', seen: /^port: 127\.0\.0\.1 port \d+ from door$/,
    config: () => [...hostBlock('door', lab.ssh.port, 'User root', `IdentityFile ${file('ed25519')}`), ...hostBlock('inner', lab.ssh.noForwardPort, 'User root', `IdentityFile ${file('ed25519')}`, 'ProxyJump door')],
  },
  'SSH behind a jump host of another user and key': {
    uri: () => 'qemu+ssh://inner/system', seen: /^login: root, by .*rsa$/,
    config: () => [...hostBlock('gate', doors.gate, `User ${lab.ssh.passwordUser}`, `IdentityFile ${file('gate')}`), ...hostBlock('inner', lab.ssh.port, 'User root', `IdentityFile ${file('rsa')}`, 'ProxyJump gate')],
  },
  'the ssh program, because the URI names it': { uri: () => ssh(`${key('ecdsa')}&command=ssh`), seen: /^login: root, by the program ssh, because of command=/ },
  'the ssh program by itself, for a certificate of the user': { uri: () => ssh(key('certified'), doors.certified), seen: /because of the certificate .*certified-cert\.pub$/ },
  'the ssh program by itself, for a host known by its authority': {
    uri: () => ssh(key('certified'), doors.certified), known: () => `@cert-authority * ${publicKey(file('authority'))}\n`, seen: /^login: root, by the program ssh/,
  },
  'SSH to a host with a hashed name': { uri: () => ssh(`${key('ed25519')}&known_hosts=${lab.ssh.knownHostsHashed}`), known: () => '', seen: /^hostKey: .*known from .*hashed line/ },
  'SSH to a host never seen, accepted once': { uri: () => ssh(key('ed25519')), known: () => '', answers: [accept('once'), accept('once')], asked: ['hostKey', 'hostKey'], seen: /^hostKey: .*accepted$/ },
  'SSH to a host never seen, accepted for good': { uri: () => ssh(key('ed25519')), known: () => '', answers: [accept('always')], asked: ['hostKey'], seen: /^hostKey: .*known from .*line 1$/ },
  'SSH to a host never seen, which the URI accepts': { uri: () => ssh(`${key('ed25519')}&known_hosts_verify=auto`), known: () => '', seen: /^hostKey: .*known from .*line 1$/ },
  'SSH with no look at the host’s key': { uri: () => ssh(`${key('ed25519')}&known_hosts=${lab.ssh.knownHostsChanged}&known_hosts_verify=ignore`), seen: /^hostKey: .*not checked$/ },
  'SSH by virt-ssh-helper': { uri: () => ssh(`${key('ed25519')}&proxy=native`), seen: /^socket: virt-ssh-helper$/ },
  'SSH by netcat': { uri: () => ssh(`${key('ed25519')}&proxy=netcat&mode=legacy`), seen: /^socket: nc to .*libvirt-sock$/ },
  'SSH by a netcat that is named': { uri: () => ssh(`${key('ed25519')}&netcat=/bin/nc&mode=legacy`), seen: /^socket: \/bin\/nc to/ },
  'SSH to libvirtd’s own socket': { uri: () => ssh(`${key('ed25519')}&mode=legacy`), seen: /^socket: .*\/libvirt-sock$/ },
  'SSH to a socket that is named': { uri: () => ssh(`${key('ed25519')}&socket=${lab.ssh.socket}`), seen: /^socket: .*\/libvirt-sock$/ },
  'SSH where nothing may be forwarded': { uri: () => ssh(key('ed25519'), lab.ssh.noForwardPort), seen: /^socket: virt-ssh-helper$/ },
  'libssh2, which is SSH': { uri: () => ssh(key('ed25519'), lab.ssh.port, 'root', '127.0.0.1', 'libssh2'), seen: /^login: root/ },
  'a program of one’s own': {
    uri: () => `qemu+ext:///system?command=ssh${['-F', lab.ssh.configFile, '-T', 'lab', 'virt-ssh-helper', 'qemu:///system'].map((word) => `&argv=${encodeURIComponent(word)}`).join('')}`, seen: /^socket: ssh$/,
  },
};

const refused: Readonly<Record<string, Refusing>> = {
  'a key that changed': { uri: () => ssh(`${key('ed25519')}&known_hosts=${lab.ssh.knownHostsChanged}`), refusal: { code: 'host-key-changed', stage: 'hostKey', message: expect.stringMatching(/known_hosts_changed line 1/) } },
  'a key that is revoked': { uri: () => ssh(key('ed25519')), known: () => `@revoked * ${publicKey(lab.ssh.hostKeyFiles[0] ?? '')}\n`, refusal: { code: 'host-key-revoked', stage: 'hostKey', message: expect.stringMatching(/known_hosts line 1/) } },
  'a key never seen, where nobody may be asked': { uri: () => ssh(`${key('ed25519')}&no_tty=1`), known: () => '', refusal: { code: 'host-key-unknown', stage: 'hostKey' } },
  'a key never seen and not accepted': { uri: () => ssh(key('ed25519')), known: () => '', answers: [{ kind: 'declined' }], asked: ['hostKey'], refusal: { code: 'host-key-unknown', stage: 'hostKey' } },
  'a key that nobody authorized, and no password': { uri: () => ssh(key('gate')), asked: ['password'], refusal: { code: 'login-failed', stage: 'login' } },
  'the driver’s own daemon, where there is only libvirtd': { uri: () => ssh(`${key('ed25519')}&mode=direct&proxy=netcat`), refusal: { code: 'socket-missing', stage: 'socket', message: expect.stringMatching(/virtqemud-sock/) } },
  'a password of SASL that is wrong': {
    of: () => guarded, uri: () => tls(guarded), answers: Array.from({ length: 3 }, () => ({ kind: 'credentials', user: 'lab', password: 'wrong' })), asked: ['credentials', 'credentials', 'credentials'], refusal: { code: 'auth-failed', stage: 'sasl' },
  },
};

interface Went {
  readonly names?: readonly string[];
  readonly refusal?: unknown;
  readonly seen: readonly string[];
  readonly asked: readonly Question['kind'][];
}

/** Connects, reads the guests, disconnects and does so again, in a home folder of its own. */
async function go({ uri, config, known, ownKey, agent: hasAgent, answers = [] }: Way): Promise<Went> {
  const home = await mkdtemp(file('home-'));
  const data = join(home, 'data');
  await Promise.all([mkdir(join(home, '.ssh'), { mode: 0o700 }), mkdir(data, { mode: 0o700 })]);
  await writeFile(join(home, '.ssh', 'known_hosts'), known?.() ?? (await anyHost()));
  await writeFile(join(data, 'connections.json'), '[]');
  if (config !== undefined) await writeFile(join(home, '.ssh', 'config'), [...config(), `UserKnownHostsFile ${home}/.ssh/known_hosts`, ''].join('\n'));
  if (ownKey !== undefined) await copyFile(ownKey(), join(home, '.ssh', 'id_ed25519'));
  const main = await createMain({ dataFolder: data, shell: 'web', version: 'test', home, env: { PATH: process.env['PATH'], ...(hasAgent && { SSH_AUTH_SOCK: file('agent.sock') }) } });
  const asked: Question['kind'][] = [];
  const ask = asking(main);
  const answered = new Set<string>();
  main.listen((news) => {
    if (news.section !== 'connections' || news.name !== 'asked') return;
    void ask('connections', 'questions', {}).then(async (questions) => {
      for (const { id, question } of questions) {
        if (answered.has(id)) continue;
        answered.add(id);
        await ask('connections', 'answer', { id, answer: answers[asked.push(question.kind) - 1] ?? { kind: 'declined' } });
      }
    });
  });
  const seen: string[] = [];
  try {
    const { id } = await ask('connections', 'add', { uri: uri(), autoConnect: false });
    let names: readonly string[] = [];
    for (let round = 0; round < 2; round++) {
      await ask('connections', 'connect', { id });
      names = (await ask('guests', 'list', { host: id })).map(({ name }) => name).toSorted();
      const state = (await ask('connections', 'list', {}))[0]?.state;
      if (state?.phase === 'ready') seen.push(...(state.stages ?? []).flatMap((stage) => (stage.outcome === 'done' ? [`${stage.stage}: ${stage.seen}`] : [])));
      await ask('connections', 'disconnect', { id });
    }
    return { names, seen, asked };
  } catch (error) {
    if (error instanceof Refused) return { refusal: error.refusal, seen, asked };
    throw error;
  } finally {
    await main.close();
  }
}

describe('a host', () => {
  const went = new Map<string, Went>();
  beforeAll(async () => {
    const waiting = [...Object.entries(ways), ...Object.entries(refused)];
    await Promise.all(Array.from({ length: 4 }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) went.set(next[0], await go(next[1]));
    }));
  }, 120_000);

  it.each(Object.entries(ways))('is reached by %s, and lists what virsh lists', async (name, { uri, of = () => lab, asked = [], seen = /./, virsh: isTheirs }) => {
    const listed = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '').toSorted();
    const names = listed(await virsh(of(), 'list', '--all', '--name'));
    expect(went.get(name)).toEqual({ names, asked, seen: expect.arrayContaining([expect.stringMatching(seen)]) });
    if (isTheirs) expect(listed(await virshAt(uri(), 'list', '--all', '--name'))).toEqual(names);
  });

  it.each(Object.entries(refused))('is refused with %s', (name, { asked = [], refusal }) => {
    expect(went.get(name)).toMatchObject({ refusal: { remedy: expect.stringMatching(/\w+/), ...refusal }, asked });
  });
});
