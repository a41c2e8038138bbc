// A login's course with a scripted daemon: whose credentials are tried in which order, what is asked, remembered and forgotten.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Question, QuestionAnswer, StageReport } from '../../app/contract/questions.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import type { SaslDialogue } from '../libvirt/sasl.ts';
import { SaslLogins } from './sasl-login.ts';

interface Course {
  /** What the daemon was sent, by mechanism: PLAIN and EXTERNAL show everything in their first message. */
  readonly tried: readonly string[];
  readonly asked: readonly Question[];
  readonly reports: readonly StageReport[];
  /** `in`, or the refusal. */
  readonly end: unknown;
}

interface Scene {
  readonly uri?: string;
  readonly offers?: readonly string[];
  /** What PLAIN or EXTERNAL must send to be accepted. */
  readonly accepts?: string;
  readonly answers?: readonly (readonly [string, string] | null)[];
  readonly logins?: SaslLogins;
  readonly env?: Readonly<Record<string, string>>;
}

const course = async ({ uri = 'qemu+tls://host/system', offers = ['PLAIN'], accepts = 'nothing', answers = [], logins = new SaslLogins(), env = {} }: Scene): Promise<Course> => {
  const [tried, asked, reports, left]: [string[], Question[], StageReport[], (readonly [string, string] | null)[]] = [[], [], [], [...answers]];
  const dialogue: SaslDialogue = {
    offered: async () => offers,
    attempt: async ({ name, initial }) => {
      const said = `${name} ${Buffer.from(initial ?? []).toString().replaceAll('\0', '|')}`;
      tried.push(said);
      return said === accepts;
    },
  };
  const surroundings = {
    home: '/nowhere', env, isRoot: false,
    report: (report: StageReport) => reports.push(report),
    ask: async (question: Question): Promise<QuestionAnswer> => {
      asked.push(question);
      const answer = left.shift() ?? null;
      return answer === null ? { kind: 'declined' } : { kind: 'credentials', user: answer[0], password: answer[1] };
    },
  };
  const { login } = logins.options(parseConnectionUri(uri), surroundings, new AbortController().signal);
  const end = await login?.(dialogue).then(() => 'in', (error: unknown) => (error instanceof Refused ? error.refusal : error));
  return { tried, asked, reports, end };
};

const authFile = async (text: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'guestdeck-login-'));
  onTestFinished(async () => await rm(folder, { recursive: true }));
  await writeFile(join(folder, 'auth.conf'), `[credentials-x]\n${text}\n[auth-libvirt-host]\ncredentials=x\n`);
  return join(folder, 'auth.conf');
};
const fred = { accepts: 'PLAIN |fred|right', answers: [['fred', 'right']] } as const;

describe('a login', () => {
  it('asks who it is, and tells how it went', async () => {
    const { tried, asked, reports, end } = await course(fred);
    expect({ tried, asked, end }).toEqual({ tried: ['PLAIN |fred|right'], asked: [{ kind: 'credentials', host: 'host', mechanism: 'PLAIN', again: false }], end: 'in' });
    expect(reports).toEqual([{ stage: 'sasl', outcome: 'started' }, { stage: 'sasl', outcome: 'done', seen: 'Logged in as fred by PLAIN.', milliseconds: expect.any(Number) }]);
  });

  it.each([
    ['qemu+tls://kate@host/system', 'kate'],
    ['qemu+ssh://root@host/system', undefined],
    ['qemu+tls://host/system', undefined],
  ])('to %s begins with the user %s', async (uri, user) => {
    expect((await course({ ...fred, uri })).asked).toEqual([{ kind: 'credentials', host: 'host', mechanism: 'PLAIN', again: false, ...(user === undefined ? {} : { user }) }]);
  });

  it('asks nothing where the file says everything', async () => {
    const path = await authFile('authname=fred\npassword=right');
    for (const scene of [{ uri: `qemu+tls://host/system?authfile=${path}` }, { env: { LIBVIRT_AUTH_FILE: path } }]) {
      expect(await course({ ...scene, accepts: 'PLAIN |fred|right' })).toMatchObject({ asked: [], end: 'in' });
    }
  });

  it('asks for the password where the file says only who, and acts as the file says', async () => {
    const uri = `qemu+tls://host/system?authfile=${await authFile('authname=fred\nusername=boss')}`;
    expect(await course({ uri, accepts: 'PLAIN boss|fred|right', answers: [['fred', 'right']] })).toMatchObject({ asked: [{ user: 'fred', again: false }], end: 'in' });
  });

  it('asks again, three times at most', async () => {
    const wrong = [['fred', 'one'], ['fred', 'two'], ['fred', 'three'], ['fred', 'right']] as const;
    const { tried, asked, reports, end } = await course({ accepts: 'PLAIN |fred|right', answers: wrong });
    expect(tried).toEqual(['PLAIN |fred|one', 'PLAIN |fred|two', 'PLAIN |fred|three']);
    expect(asked.map((question) => question.kind === 'credentials' && question.again)).toEqual([false, true, true]);
    expect(end).toMatchObject({ code: 'auth-failed', stage: 'sasl', message: 'The daemon did not accept the login by PLAIN.' });
    expect(JSON.stringify([end, reports])).not.toMatch(/one|two|three/);
  });

  it('tries nothing twice, whoever says it', async () => {
    const uri = `qemu+tls://host/system?authfile=${await authFile('authname=fred\npassword=old')}`;
    expect(await course({ uri, accepts: 'PLAIN |fred|right', answers: [['fred', 'old'], ['fred', 'right']] })).toMatchObject({ tried: ['PLAIN |fred|old', 'PLAIN |fred|right'], end: 'in' });
  });

  it('asks after the file was refused, and says that it was', async () => {
    const uri = `qemu+tls://host/system?authfile=${await authFile('authname=fred\npassword=old')}`;
    expect(await course({ uri, ...fred })).toMatchObject({ tried: ['PLAIN |fred|old', 'PLAIN |fred|right'], asked: [{ user: 'fred', again: true }], end: 'in' });
  });

  it('that nobody answers says what was wanted; after a refusal, that it was refused', async () => {
    expect(await course({})).toMatchObject({ tried: [], end: { code: 'auth-failed', message: 'The daemon wants a user name and password (PLAIN), and none were given.' } });
    expect(await course({ answers: [['fred', 'wrong'], null] })).toMatchObject({ end: { code: 'auth-failed', message: 'The daemon did not accept the login by PLAIN.' } });
  });
});

describe('what was typed', () => {
  it('is remembered once it was accepted, until it is refused', async () => {
    const logins = new SaslLogins();
    expect(await course({ ...fred, logins })).toMatchObject({ end: 'in' });
    expect(await course({ accepts: 'PLAIN |fred|right', logins })).toMatchObject({ asked: [], end: 'in' });
    expect(await course({ accepts: 'PLAIN |fred|new', answers: [['fred', 'new']], logins })).toMatchObject({ tried: ['PLAIN |fred|right', 'PLAIN |fred|new'], asked: [{ again: true }], end: 'in' });
    expect(await course({ accepts: 'PLAIN |fred|other', logins })).toMatchObject({ tried: ['PLAIN |fred|new'] });
    expect(await course({ logins })).toMatchObject({ tried: [], asked: [{ again: false }] });
  });

  it('is not remembered when it was refused, nor when the host became another', async () => {
    const logins = new SaslLogins();
    await course({ answers: [['fred', 'wrong']], logins });
    expect(await course({ ...fred, logins })).toMatchObject({ tried: ['PLAIN |fred|right'] });
    logins.forget();
    expect(await course({ logins })).toMatchObject({ tried: [] });
  });
});

describe('the mechanism', () => {
  it('without a password is tried first, and asks nobody', async () => {
    expect(await course({ offers: ['PLAIN', 'EXTERNAL'], accepts: 'EXTERNAL ' })).toMatchObject({ tried: ['EXTERNAL '], asked: [], end: 'in' });
  });

  it('without a password gives way to one with it when it was refused, but not where the URI insists on it', async () => {
    const offers = ['external', 'PLAIN'];
    expect(await course({ ...fred, offers })).toMatchObject({ tried: ['EXTERNAL ', 'PLAIN |fred|right'], end: 'in' });
    for (const scene of [{ offers, uri: 'qemu+tls://host/system?auth=sasl.external' }, { offers: ['EXTERNAL'] }]) {
      expect(await course({ ...fred, ...scene })).toMatchObject({ tried: ['EXTERNAL '], asked: [], end: { code: 'auth-failed', message: 'The daemon did not accept the login by EXTERNAL.' } });
    }
  });

  it.each([
    ['qemu+tcp://host/system', 'plain TCP'],
    ['qemu+tls://host/system?no_verify=1', 'unverified'],
    ['qemu+tls://host/system?auth=sasl.GSSAPI', 'Kerberos'],
  ])('for %s is never PLAIN: %s', async (uri, words) => {
    expect(await course({ ...fred, uri })).toMatchObject({ tried: [], asked: [], end: { code: 'auth-unsupported', stage: 'sasl', message: expect.stringContaining(words) } });
  });

  it.each([['', undefined], ['?auth=sasl', 'sasl'], ['?auth=sasl.PLAIN', 'sasl'], ['?auth=polkit', 'polkit']])('of "%s" insists on %s', (parameters, insist) => {
    const surroundings = { home: '/', env: {}, isRoot: false, report: () => undefined, ask: async () => ({ kind: 'declined' }) as const };
    expect(new SaslLogins().options(parseConnectionUri(`qemu+tls://host/system${parameters}`), surroundings, new AbortController().signal).insist).toBe(insist);
  });
});
