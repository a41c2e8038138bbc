// Connections that other programs know: libvirt's aliases and default, and virt-manager's list by the programs that read it.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freshlySaved } from './connection-list.ts';
import { testFolder } from './demo-main.test-peer.ts';
import { findImportable, textsOf } from './importable.ts';

/** A user whose PATH holds nothing but these scripts. */
const userWith = async (scripts: Readonly<Record<string, string>>, configuration = ''): Promise<{ readonly home: string; readonly env: Readonly<Record<string, string>>; readonly path: string }> => {
  const home = await testFolder();
  const path = join(home, '.config', 'libvirt', 'libvirt.conf');
  await mkdir(join(home, '.config', 'libvirt'), { recursive: true });
  await mkdir(join(home, 'bin'));
  await writeFile(path, configuration);
  for (const [name, script] of Object.entries(scripts)) await writeFile(join(home, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { home, env: { PATH: join(home, 'bin') }, path };
};
const virtManager = 'org.virt-manager.virt-manager.connections';
const gsettings = (uris: string, autoconnect: string): string => `[ "$1 $2" = "get ${virtManager}" ] || exit 1; case $3 in uris) echo "${uris}";; autoconnect) echo "${autoconnect}";; esac`;

describe('what can be imported', () => {
  it('are libvirt’s aliases and default, and virt-manager’s list, each with what is known of it', async () => {
    const { home, env, path } = await userWith(
      { gsettings: gsettings("['qemu:///system', 'qemu+ssh://root@far:22/system', 'xen+quic://x/']", "['qemu+ssh://root@far:22/system']") },
      'uri_default = "hail"\nuri_aliases = [ "hail=qemu+ssh://root@HAIL/system", "odd=nonsense" ]',
    );
    const saved = freshlySaved('qemu+ssh://root@hail/system', 'Hail');
    const { entries, failures } = await findImportable({ home, env }, [saved]);
    const own = entries.filter(({ place }) => place === path || place === virtManager);
    expect(own.map(({ refusal, ...entry }) => ({ ...entry, refusal: refusal?.code ?? null }))).toEqual([
      { source: 'uri_aliases', place: path, name: 'hail', uri: 'qemu+ssh://root@HAIL/system', autoConnect: false, savedAs: saved.id, refusal: null },
      { source: 'uri_aliases', place: path, name: 'odd', uri: 'nonsense', autoConnect: false, savedAs: null, refusal: 'bad-uri' },
      { source: 'uri_default', place: path, name: 'hail', uri: 'qemu+ssh://root@HAIL/system', autoConnect: false, savedAs: saved.id, refusal: null },
      { source: 'virt-manager', place: virtManager, name: 'This computer', uri: 'qemu:///system', autoConnect: false, savedAs: null, refusal: null },
      { source: 'virt-manager', place: virtManager, name: 'far', uri: 'qemu+ssh://root@far:22/system', autoConnect: true, savedAs: null, refusal: null },
      { source: 'virt-manager', place: virtManager, name: 'xen+quic://x/', uri: 'xen+quic://x/', autoConnect: false, savedAs: null, refusal: 'bad-uri' },
    ]);
    expect(failures).toEqual([]);
  });

  it('is read by dconf where virt-manager’s schema is gone', async () => {
    const places = await userWith({ gsettings: 'echo "No such schema" >&2; exit 1', dconf: `[ "$1 $2" = "read /org/virt-manager/virt-manager/connections/uris" ] && echo "['test:///default']" || true` });
    const { entries } = await findImportable(places, []);
    expect(entries.filter(({ source }) => source === 'virt-manager').map(({ uri }) => uri)).toEqual(['test:///default']);
  });

  it('is nothing where neither program is there, or the list is empty', async () => {
    for (const scripts of [{}, { gsettings: gsettings('@as []', '@as []') }]) {
      expect((await findImportable(await userWith(scripts), [])).entries.filter(({ source }) => source === 'virt-manager')).toEqual([]);
    }
  });

  it('has the default of the environment before that of the files', async () => {
    const { home, env } = await userWith({}, 'uri_default = "qemu:///session"');
    expect((await findImportable({ home, env: { ...env, LIBVIRT_DEFAULT_URI: 'test:///default' } }, [])).entries.filter(({ source }) => source === 'uri_default')).toMatchObject([{ uri: 'test:///default', place: 'LIBVIRT_DEFAULT_URI' }]);
  });

  it('tells what cannot be read beside what can', async () => {
    const { home, env, path } = await userWith({ gsettings: gsettings("['qemu:///system']", '@as []') }, 'uri_aliases = [ oops ]');
    const { entries, failures } = await findImportable({ home, env }, []);
    expect(failures).toMatchObject([{ place: path, refusal: { code: 'storage', message: expect.stringContaining('in line 1') } }]);
    expect(entries.some(({ source }) => source === 'virt-manager')).toBe(true);
  });
});

describe('a list of texts as GVariant prints it', () => {
  it.each([
    ["['a', 'b']", ['a', 'b']],
    [`["it's", 'say "x"']`, ["it's", 'say "x"']],
    [String.raw`['it\'s \\ \u00e9 \U0001f4bb\n']`, ["it's \\ é 💻\n"]],
    ['@as []', []],
    ['', []],
  ])('%s', (printed, texts) => expect(textsOf(printed)).toEqual(texts));

  it('is read back whole, whatever the texts are', () => {
    const printed = (text: string): string => `'${text.replaceAll(/['\\]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`)}'`;
    fc.assert(fc.property(fc.array(fc.string()), (texts) => {
      expect(textsOf(`[${texts.map(printed).join(', ')}]`)).toEqual(texts);
    }));
  });
});
