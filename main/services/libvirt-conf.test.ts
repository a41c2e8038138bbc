// libvirt's client configuration: its form, its aliases, and where it is looked for.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refused } from '../../app/contract/refusal.ts';
import { testFolder } from './demo-main.test-peer.ts';
import { parseConnectionUri, printConnectionUri } from '../../app/domain/connection-uri.ts';
import { aliasesOf, readSettings, readConfiguration, resolveAlias, withConfigured } from './libvirt-conf.ts';

const texts = (content: string): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries([...readSettings(content, '/x')].map(([name, values]) => [name, values.map(({ text }) => text)]));

/** A home folder with this configuration in it. */
const homeWith = async (content: string): Promise<{ readonly home: string; readonly env: Readonly<Record<string, string>>; readonly path: string }> => {
  const home = await testFolder();
  const path = join(home, '.config', 'libvirt', 'libvirt.conf');
  await mkdir(join(home, '.config', 'libvirt'), { recursive: true });
  await writeFile(path, content);
  return { home, env: {}, path };
};

describe('the form of libvirt.conf', () => {
  it('has numbers, texts in three kinds of quotes, lists and comments', () => {
    expect(texts(`
# uri_default = "commented:///out"
uri_default = "qemu:///system"   # the usual one
single='a "b" # c'
long = """one
two"""
number = -7
empty = []
uri_aliases = [
  "hail=qemu+ssh://root@hail.cloud.example.com/system", # first
  'sleet=qemu+ssh://root@sleet/system',
]
last=1`)).toEqual({
      uri_default: ['qemu:///system'], single: ['a "b" # c'], long: ['one\ntwo'], number: ['-7'], empty: [],
      uri_aliases: ['hail=qemu+ssh://root@hail.cloud.example.com/system', 'sleet=qemu+ssh://root@sleet/system'], last: ['1'],
    });
    expect(texts('')).toEqual({});
    expect(texts('a = 1\r\nb = "2"\r\n')).toEqual({ a: ['1'], b: ['2'] });
  });

  it('tells the line of each text', () => {
    expect(readSettings('\na = [\n"x",\n\n"y" ]\n', '/x').get('a')).toEqual([{ text: 'x', line: 3 }, { text: 'y', line: 5 }]);
  });

  it.each([
    ['a = 1\nb', 2, 'name = value is expected'],
    ['a = ', 1, 'a number or a text in quotes is expected'],
    ['a = qemu:///system', 1, 'a number or a text in quotes is expected'],
    ['\n\na = "open\n', 3, 'a number or a text in quotes is expected'],
    ['a = [\n"x"\n"y"]', 3, 'a comma or ] is expected'],
    ['a = [ "x",\n', 2, 'a number or a text in quotes is expected'],
    ['a = 1 2', 1, 'nothing more is expected in the line'],
  ])('is refused with its line where it is broken: %j', (content, line, words) => {
    expect(() => readSettings(content, '/some/libvirt.conf')).toThrow(`/some/libvirt.conf cannot be understood in line ${line}: ${words}`);
  });

  it('never fails otherwise than by a refusal', () => {
    const pieces = fc.array(fc.constantFrom('a', '=', ' ', '\n', '"', "'", '"""', '[', ']', ',', '#', '1', '-', 'x=y')).map((some) => some.join(''));
    fc.assert(fc.property(pieces, (content) => {
      try {
        readSettings(content, '/x');
      } catch (error) {
        expect(error).toBeInstanceOf(Refused);
      }
    }), { numRuns: 2000 });
  });
});

describe('aliases', () => {
  it('are a name and a URI; one that is neither, or whose URI is wrong, is told with its line', () => {
    const files = [
      { path: '/first', settings: readSettings('uri_aliases = [ "a=qemu:///system", "b=nonsense",\n"no alias", "d d=qemu:///system" ]', '/first') },
      { path: '/second', settings: readSettings('uri_aliases = [ "a=test:///default", "c=qemu+ssh://h/system?keyfile=/k" ]', '/second') },
    ];
    expect(aliasesOf(files).map(({ name, uri, place, refused }) => [name, uri, place, refused === null ? null : refused.refusal.code])).toEqual([
      ['a', 'qemu:///system', '/first', null],
      ['b', 'nonsense', '/first', 'bad-uri'],
      ['', '', '/first', 'storage'],
      ['', '', '/first', 'storage'],
      ['c', 'qemu+ssh://h/system?keyfile=/k', '/second', null],
    ]);
    expect(aliasesOf(files)[2]?.refused?.message).toContain('/first has an alias in line 2 that is not of the form name=URI');
  });

  it('stand for a URI where one is expected', async () => {
    const places = await homeWith('uri_aliases = [ "hail=qemu+ssh://root@hail/system", "bad=nonsense" ]');
    expect(await resolveAlias('hail', places)).toEqual({ uri: 'qemu+ssh://root@hail/system', alias: 'hail' });
    expect(await resolveAlias('qemu:///system', places)).toEqual({ uri: 'qemu:///system', alias: null });
    await expect(resolveAlias('bad', places)).rejects.toMatchObject({ refusal: { code: 'bad-uri' } });
    await expect(resolveAlias('sleet', places)).rejects.toMatchObject({ refusal: { code: 'bad-uri', field: 'uri', message: expect.stringContaining('nor an alias of libvirt.conf') } });
    await expect(resolveAlias('qemu+quic://h/', places)).rejects.toMatchObject({ refusal: { code: 'bad-uri', message: expect.stringContaining('transport') } });
  });

  it('that cannot be read say so where one of them is asked for', async () => {
    const places = await homeWith('uri_aliases = [ "hail=qemu:///system"');
    await expect(resolveAlias('hail', places)).rejects.toMatchObject({ refusal: { code: 'storage', message: expect.stringContaining(`${places.path} cannot be understood in line 1`) } });
    expect(await resolveAlias('qemu:///system', places)).toEqual({ uri: 'qemu:///system', alias: null });
  });
});

describe('the configuration files', () => {
  it('are the user’s, in XDG_CONFIG_HOME too, before the computer’s; what cannot be read leaves the others', async () => {
    const { home, path } = await homeWith('uri_default = "qemu:///session"');
    const own = async (env: Readonly<Record<string, string>>) => (await readConfiguration({ home, env })).files.filter((file) => file.path.startsWith(home));
    expect((await own({})).map((file) => file.path)).toEqual([path]);
    expect(await own({ XDG_CONFIG_HOME: join(home, 'nowhere') })).toEqual([]);
    const elsewhere = join(home, 'elsewhere', 'libvirt', 'libvirt.conf');
    await mkdir(elsewhere, { recursive: true });
    expect((await readConfiguration({ home, env: { XDG_CONFIG_HOME: join(home, 'elsewhere') } })).failures).toMatchObject([{ place: elsewhere, refused: { refusal: { code: 'storage', message: expect.stringContaining('EISDIR') } } }]);
  });
});

describe('what the configuration says for parameters a URI leaves out', () => {
  const settings = 'remote_mode = "legacy"\nremote_proxy = "native"\ntls_priority = "SECURE256"\n';
  it.each([
    ['qemu:///system', 'qemu:///system?mode=legacy'],
    ['qemu+ssh://h/system', 'qemu+ssh://h/system?mode=legacy&proxy=native'],
    ['qemu+ssh://h/system?MODE=direct&proxy=auto', 'qemu+ssh://h/system?MODE=direct&proxy=auto'],
    ['qemu+ssh://h/system?netcat=nc', 'qemu+ssh://h/system?netcat=nc&mode=legacy'],
    ['qemu+tls://h/system', 'qemu+tls://h/system?tls_priority=SECURE256'],
    ['qemu+tcp://h/system', 'qemu+tcp://h/system'],
  ])('makes %s mean %s', async (uri, meant) => {
    expect(printConnectionUri(await withConfigured(parseConnectionUri(uri), await homeWith(settings)))).toBe(meant);
  });

  it('changes nothing where it says nothing, and is refused with its line where it is wrong', async () => {
    const uri = parseConnectionUri('qemu+ssh://h/system');
    expect(await withConfigured(uri, await homeWith('uri_default = "x:///"'))).toEqual(uri);
    const wrong = await homeWith('\nremote_proxy = "squid"');
    await expect(withConfigured(uri, wrong)).rejects.toMatchObject({ refusal: { code: 'storage', stage: 'uri', message: expect.stringContaining(`${wrong.path} cannot be understood in line 2: remote_proxy must be one of`) } });
    await expect(withConfigured(uri, await homeWith('oops'))).rejects.toMatchObject({ refusal: { code: 'storage' } });
    expect(await withConfigured(parseConnectionUri('qemu+tcp://h/system'), await homeWith('oops'))).toMatchObject({ transport: 'tcp' });
  });
});
