// libvirt's file of credentials, line by line as virsh was seen to read it, and which file counts.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { credentialsIn, storedCredentials } from './auth-conf.ts';

const login = '[credentials-lab]\nauthname=fred\npassword=123456\n';
const all = '[auth-libvirt-default]\ncredentials=lab\n';
const fred = { user: 'fred', password: '123456' };
const read = (text: string): unknown => credentialsIn(text, 'host', '/f');

describe('the file of credentials', () => {
  it.each([
    ['for every host', login + all, fred],
    ['for this host, which wins', `${login}[auth-libvirt-host]\ncredentials=lab\n[auth-libvirt-default]\ncredentials=other\n`, fred],
    ['for another host', `${login}[auth-libvirt-other]\ncredentials=lab\n`, null],
    ['for another service', `${login}[auth-ssh-host]\ncredentials=lab\n`, null],
    ['with comments and empty lines', `# c\n\n${login.replace('\n', '\n#x\n  # y\n')}${all}`, fred],
    ['with blanks around the =, and before the name', `[credentials-lab]\n  authname = fred\npassword =\t123456\n${all}`, fred],
    ['with blanks at the end, which belong to the value', `[credentials-lab]\nauthname=fred\npassword=123456  \n${all}`, { ...fred, password: '123456  ' }],
    ['with # inside, which belongs to the value', `[credentials-lab]\nauthname=fred\npassword=12=34 #56\n${all}`, { ...fred, password: '12=34 #56' }],
    ['with escapes, as GLib has them', `[credentials-lab]\nauthname=fr\\\\ed\npassword=\\s1\\t2\\s\n${all}`, { user: 'fr\\ed', password: ' 1\t2 ' }],
    ['with lines of Windows', (login + all).replaceAll('\n', '\r\n'), fred],
    ['with a group in two places and a key twice, of which the last counts', `[credentials-lab]\nauthname=x\nauthname=fred\n${all}[credentials-lab]\npassword=123456\n`, fred],
    ['with a name only', `[credentials-lab]\nusername=fred\n${all}`, { user: 'fred' }],
    ['with a realm and whom to act as', `[credentials-lab]\nauthname=fred\nusername=boss\npassword=123456\nrealm=r\n${all}`, { ...fred, actAs: 'boss', realm: 'r' }],
    ['that is empty', '', null],
  ])('%s', (_, text, expected) => expect(read(text)).toEqual(expected));

  it.each([
    ['a line of something else', `secret\n${login}${all}`],
    ['a comment of another kind', `; secret\n${login}${all}`],
    ['an escape that does not exist', `${login.replace('123456', '123\\456')}${all}`],
    ['a value outside of any group', `password=secret\n${login}${all}`],
    ['credentials that are not there', `${login}[auth-libvirt-default]\ncredentials=none\n`],
    ['a place without credentials', `${login}[auth-libvirt-host]\n${all}`],
    ['a group with blanks in its name', `${login.replace('[credentials-lab]', '[ credentials-lab ]')}${all}`],
  ])('with %s is refused without repeating it', (_, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ refusal: expect.objectContaining({ code: 'auth-failed', stage: 'sasl', message: expect.not.stringMatching(/secret|123456/) }) }));
  });
});

describe('of the files', () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'guestdeck-auth-'));
    await mkdir(join(home, '.config/libvirt'), { recursive: true });
  });
  afterEach(async () => await rm(home, { recursive: true }));
  const file = async (path: string, user: string): Promise<string> => {
    await writeFile(join(home, path), `[credentials-x]\nauthname=${user}\n[auth-libvirt-default]\ncredentials=x\n`);
    return join(home, path);
  };

  it('the URI’s counts before the environment’s, and that before the user’s', async () => {
    const [authFile, env] = [await file('uri.conf', 'uri'), { LIBVIRT_AUTH_FILE: await file('env.conf', 'env') }];
    await file('.config/libvirt/auth.conf', 'own');
    expect(await storedCredentials({ authFile, env, home }, 'host')).toEqual({ user: 'uri' });
    expect(await storedCredentials({ env, home }, 'host')).toEqual({ user: 'env' });
    expect(await storedCredentials({ env: {}, home }, 'host')).toEqual({ user: 'own' });
    expect(await storedCredentials({ env: { XDG_CONFIG_HOME: join(home, '.config') }, home: '/nowhere' }, 'host')).toEqual({ user: 'own' });
  });

  it('none need be there, but one that was named', async () => {
    expect(await storedCredentials({ env: {}, home }, 'host')).toBeNull();
    for (const places of [{ authFile: join(home, 'none'), env: {} }, { env: { LIBVIRT_AUTH_FILE: join(home, 'none') } }]) {
      await expect(storedCredentials({ ...places, home }, 'host')).rejects.toMatchObject({ refusal: { code: 'auth-failed', stage: 'sasl', message: expect.stringContaining('none cannot be read (ENOENT)') } });
    }
  });
});
