// DIGEST-MD5 by its RFC's examples, its choices, and servers that lie or stumble.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDirectives } from './digest-challenge.ts';
import { DigestMd5, type DigestOptions } from './digest-md5.ts';

const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString());
const answer = async (digest: DigestMd5, said: string): Promise<string> => text(await digest.step(Buffer.from(said))) ?? '';
const chris = { user: 'chris', password: 'secret' };
const open: DigestOptions = { digestUri: 'imap/elwood.innosoft.com', mustSeal: false, nonce: 'OA6MHXh6VqTrRk' };
const sealed: DigestOptions = { digestUri: 'libvirt/host', mustSeal: true };
const rfc = 'realm="elwood.innosoft.com",nonce="OA6MG9tEQGm2hh",qop="auth",algorithm=md5-sess,charset=utf-8';
const libvirtd = 'nonce="n0nce=",realm="alder",qop="auth-conf",cipher="rc4-56,rc4,3des",maxbuf=65536,charset=utf-8,algorithm=md5-sess';

describe('DIGEST-MD5', () => {
  // RFC 2831, section 4.
  it.each([
    ['imap/elwood.innosoft.com', 'OA6MG9tEQGm2hh', 'OA6MHXh6VqTrRk', 'd388dad90d4bbd760a152321f2143af7', 'ea40f60335c427b5527b84dbabcdfffd'],
    ['acap/elwood.innosoft.com', 'OA9BSXrbuRhWay', 'OA9BSuZWMSpW8m', '6084c6db3fede7352c551284490fd0fc', '2f0b3d7c3c2e486600ef710726aa2eae'],
  ])('speaks as in the RFC for %s', async (digestUri, nonce, clientNonce, response, proof) => {
    const digest = new DigestMd5(chris, { ...open, digestUri, nonce: clientNonce });
    const said = await answer(digest, rfc.replace('OA6MG9tEQGm2hh', nonce));
    expect([digest.initial, said]).toEqual([null, `charset=utf-8,username="chris",realm="elwood.innosoft.com",nonce="${nonce}",nc=00000001,cnonce="${clientNonce}",digest-uri="${digestUri}",response=${response},qop=auth`]);
    expect([await digest.step(Buffer.from(`rspauth=${proof}`)), digest.isDone, digest.layer]).toEqual([null, true, null]);
  });

  it('takes rc4 over plain TCP, and 3des where that is all there is', async () => {
    const chosen = async (challenge: string, options: DigestOptions = sealed): Promise<readonly unknown[]> => {
      const digest = new DigestMd5(chris, options);
      const said = readDirectives(Buffer.from(await answer(digest, challenge)));
      return [said.get('qop'), said.get('cipher'), said.get('maxbuf'), digest.layer !== null];
    };
    expect(await chosen(libvirtd)).toEqual([['auth-conf'], ['rc4'], ['65536'], true]);
    expect(await chosen(libvirtd.replace('rc4-56,rc4,', ''))).toEqual([['auth-conf'], ['3des'], ['65536'], true]);
    expect(await chosen(libvirtd.replace('auth-conf', 'auth,auth-int,auth-conf'), { ...sealed, mustSeal: false })).toEqual([['auth'], undefined, undefined, false]);
  });

  it('escapes what it quotes, names the realm that was chosen and whom to act as', async () => {
    const said = await answer(new DigestMd5({ user: 'a"b\\c', password: 'x', actAs: 'boss', realm: 'other' }, open), rfc);
    expect(said).toContain('username="a\\"b\\\\c",realm="other"');
    expect(readDirectives(Buffer.from(said)).get('username')).toEqual(['a"b\\c']);
    expect(said.endsWith(',qop=auth,authzid="boss"')).toBe(true);
  });

  it('does without a realm where the server names none', async () => expect(await answer(new DigestMd5(chris, open), rfc.replace(/realm="[^"]*",/, ''))).not.toContain('realm'));

  it.each([['jürgen', 'pä ss', 'latin1'], ['密', 'пароль', 'utf8']] as const)('hashes %s and %s as %s', async (user, password, encoding) => {
    const said = readDirectives((await new DigestMd5({ user, password }, open).step(Buffer.from(rfc))) ?? new Uint8Array());
    const md5 = (bytes: Uint8Array | string): Buffer => createHash('md5').update(bytes).digest();
    const secret = md5(Buffer.from(`${user}:elwood.innosoft.com:${password}`, encoding));
    const a1 = md5(Buffer.concat([secret, Buffer.from(`:OA6MG9tEQGm2hh:${open.nonce}`)])).toString('hex');
    const a2 = md5(`AUTHENTICATE:${open.digestUri}`).toString('hex');
    expect(said.get('response')).toEqual([md5(`${a1}:OA6MG9tEQGm2hh:00000001:${open.nonce}:auth:${a2}`).toString('hex')]);
  });

  it('sends what is not ASCII as UTF-8', async () => {
    const said = new DigestMd5({ user: 'jürgen', password: 'x' }, open).step(Buffer.from(rfc.replace('elwood.innosoft.com', 'büro')));
    expect(Buffer.from((await said) ?? []).toString()).toContain('username="jürgen",realm="büro"');
  });
});

describe('DIGEST-MD5 refuses', () => {
  it.each([
    ['no encryption', libvirtd.replace('auth-conf', 'auth')],
    ['only integrity', libvirtd.replace('auth-conf', 'auth,auth-int')],
    ['weak ciphers', libvirtd.replace('rc4-56,rc4,3des', 'rc4-40,rc4-56,des')],
    ['no cipher', libvirtd.replace(/cipher="[^"]*",/, '')],
  ])('%s over plain TCP', async (_, challenge) => {
    await expect(answer(new DigestMd5(chris, sealed), challenge)).rejects.toMatchObject({ refusal: { code: 'auth-unsupported', stage: 'sasl' } });
  });

  it.each([
    ['no nonce', rfc.replace(/nonce="[^"]*",/, '')],
    ['two nonces', `${rfc},nonce="x"`],
    ['another algorithm', rfc.replace('md5-sess', 'md5')],
    ['no algorithm', rfc.replace('algorithm=md5-sess,', '')],
    ['another character set', rfc.replace('utf-8', 'utf-7')],
    ['tokens of a byte', `${rfc},maxbuf=40`],
    ['an open quote', `${rfc},realm="x`],
    ['no list at all', 'hello'],
    ['nothing', ''],
  ])('a challenge with %s', async (_, challenge) => {
    await expect(answer(new DigestMd5(chris, open), challenge)).rejects.toMatchObject({ refusal: { code: 'protocol', stage: 'sasl' } });
  });

  it.each(['rspauth=ea40f60335c427b5527b84dbabcdfffe', 'rspauth=ea', 'rspauth=""', 'x=y'])('%s as the server’s proof', async (said) => {
    const digest = new DigestMd5(chris, open);
    await answer(digest, rfc);
    await expect(answer(digest, said)).rejects.toMatchObject({ refusal: { code: 'auth-failed', message: expect.stringContaining('did not prove') } });
    expect(digest.isDone).toBe(false);
  });

  it('letters that a server without UTF-8 cannot take', async () => {
    await expect(answer(new DigestMd5({ user: 'chris', password: '密' }, open), rfc.replace(',charset=utf-8', ''))).rejects.toMatchObject({ refusal: { code: 'auth-failed' } });
  });

  it('any other bytes, too, without the password in the words', async () => {
    const pieces = fc.array(fc.constantFrom('realm=', 'nonce=', '"', '\\', ',', '=', 'qop="auth"', ' ', 'algorithm=md5-sess', 'x', '\0', 'é'), { maxLength: 30 });
    await fc.assert(fc.asyncProperty(pieces, async (parts) => {
      const error: unknown = await new DigestMd5(chris, sealed).step(Buffer.from(parts.join(''))).then(() => null, (thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'Refused', message: expect.not.stringContaining('secret') });
    }), { numRuns: 300 });
  });
});
