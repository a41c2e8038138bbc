// known_hosts files: names in all their forms, with ssh-keygen as witness.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addKnownHost, judgeHostKey, keyTypeOf, knownHostName, knownKeyTypes, md5Fingerprint, namesHost, parseKnownHosts, readKnownHosts, sha256Fingerprint,
} from './known-hosts.ts';

let folder: string;
const keys = new Map<string, string>();
const blob = (name: string): Buffer => Buffer.from(keys.get(name)?.split(' ')[1] ?? '', 'base64');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestdeck-known-hosts-'));
  for (const [name, type] of [['first', 'ed25519'], ['second', 'ed25519'], ['third', 'ecdsa'], ['fourth', 'rsa']] as const) {
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', join(folder, name)]);
    keys.set(name, readFileSync(join(folder, `${name}.pub`), 'utf8').trim());
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a host', () => {
  it('goes by its name alone on port 22, and by [name]:port otherwise', () => {
    expect([knownHostName('Node.Example', 22), knownHostName('Node', 2222), knownHostName('fd00::1', 22), knownHostName('fd00::1', 23)])
      .toEqual(['node.example', '[node]:2222', 'fd00::1', '[fd00::1]:23']);
  });

  it.each([
    ['node', 'node', true],
    ['Node', 'node', true],
    ['other,node', 'node', true],
    ['nod', 'node', false],
    ['*.example', 'node.example', true],
    ['*.example', 'example', false],
    ['n?de', 'node', true],
    ['*,!node', 'node', false],
    ['!node', 'other', false],
    ['!other,n*', 'node', true],
    ['[node]:2222', '[node]:2222', true],
    ['node', '[node]:2222', false],
    ['[*]:2222', '[node]:2222', true],
    ['*', 'anything', true],
    ['a*b*c', 'aXbXbXc', true],
    ['a*b*c', 'aXbX', false],
  ])('named by %s: is it %s? %s', (names, name, is) => expect(namesHost(names, name)).toBe(is));

  it('is matched as by an expression of the same meaning', () => {
    const piece = fc.constantFrom('a', 'b', '*', '?', '.');
    fc.assert(fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), fc.array(fc.constantFrom('a', 'b', '.'), { minLength: 1, maxLength: 8 }), (pattern, name) => {
      const expression = new RegExp(`^${pattern.map((part) => (part === '*' ? '.*' : part === '?' ? '.' : `[${part}]`)).join('')}$`);
      expect(namesHost(pattern.join(''), name.join(''))).toBe(expression.test(name.join('')));
    }), { numRuns: 2000 });
  });

  it('is found under the name ssh-keygen hashed, and under no other', () => {
    const file = join(folder, 'hashed');
    writeFileSync(file, `node ${keys.get('first')}\n[node]:2222 ${keys.get('second')}\n`);
    execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
    const lines = parseKnownHosts(readFileSync(file, 'utf8'), file);
    expect(lines.map((line) => [line.names.slice(0, 3), namesHost(line.names, 'node'), namesHost(line.names, '[node]:2222'), namesHost(line.names, 'other')]))
      .toEqual([['|1|', true, false, false], ['|1|', false, true, false]]);
  });
});

describe('a host key', () => {
  const judge = (text: string, name: string, key: Buffer) => {
    const verdict = judgeHostKey(parseKnownHosts(text, 'file'), name, key);
    return verdict.kind === 'unknown' ? 'unknown' : `${verdict.kind} by line ${verdict.by.line}`;
  };

  it('is known, changed, revoked or unknown', () => {
    const text = [
      '# comment', '', `node,other ${keys.get('first')} a comment`, `node ${keys.get('third')}`, 'node ssh-ed25519 rubbish', 'node ssh-rsa AAAAC3NzaC1lZDI1NTE5',
      `@revoked * ${keys.get('fourth')}`, `@cert-authority *.example ${keys.get('first')}`,
    ].join('\r\n');
    expect(judge(text, 'node', blob('first'))).toBe('known by line 3');
    expect(judge(text, 'node', blob('third'))).toBe('known by line 4');
    expect(judge(text, 'node', blob('second'))).toBe('changed by line 3');
    expect(judge(text, 'node', blob('fourth'))).toBe('revoked by line 7');
    expect(judge(text, 'nobody', blob('first'))).toBe('unknown');
    expect(judge(text, 'a.example', blob('first'))).toBe('unknown');
    expect(judge('', 'node', blob('first'))).toBe('unknown');
  });

  it('of another kind than the known one counts as a change, shown beside the line of its kind', () => {
    expect(judge(`node ${keys.get('first')}\n`, 'node', blob('third'))).toBe('changed by line 1');
    expect(judge(`node ${keys.get('third')}\nnode ${keys.get('first')}\n`, 'node', blob('second'))).toBe('changed by line 2');
  });

  it('has its kind and the fingerprints ssh-keygen prints', () => {
    for (const name of keys.keys()) {
      const print = (hash: string): string => execFileSync('ssh-keygen', ['-l', '-E', hash, '-f', join(folder, `${name}.pub`)], { encoding: 'utf8' }).split(' ')[1] ?? '';
      expect(sha256Fingerprint(blob(name))).toBe(print('sha256'));
      expect(md5Fingerprint(blob(name))).toBe(print('md5'));
      expect(keyTypeOf(blob(name))).toBe(keys.get(name)?.split(' ')[0]);
    }
    expect(knownKeyTypes(parseKnownHosts(`node ${keys.get('third')}\nother ${keys.get('first')}\n@revoked node ${keys.get('fourth')}`, 'file'), 'node'))
      .toEqual(new Set(['ecdsa-sha2-nistp256']));
  });

  it('is no key when it is cut short or lies about its length', () => {
    expect([keyTypeOf(Buffer.alloc(0)), keyTypeOf(Buffer.from([0, 0, 0])), keyTypeOf(Buffer.from([255, 255, 255, 255, 1]))]).toEqual(['', '', '']);
  });
});

describe('adding a host', () => {
  it('makes file and folder private, begins on a line of its own, and is found by ssh-keygen', async () => {
    const file = join(folder, 'new', '.ssh', 'known_hosts');
    expect(await readKnownHosts([file])).toEqual([]);
    await addKnownHost(file, 'node', blob('first'));
    expect([statSync(file).mode & 0o777, statSync(join(folder, 'new', '.ssh')).mode & 0o777]).toEqual([0o600, 0o700]);
    writeFileSync(file, readFileSync(file, 'utf8').trimEnd());
    await addKnownHost(file, '[node]:2222', blob('third'));
    expect(execFileSync('ssh-keygen', ['-F', '[node]:2222', '-f', file], { encoding: 'utf8' })).toContain(keys.get('third'));
    expect((await readKnownHosts([file])).map(({ line, names, key }) => [line, names, keyTypeOf(key)]))
      .toEqual([[1, 'node', 'ssh-ed25519'], [2, '[node]:2222', 'ecdsa-sha2-nistp256']]);
  });
});
