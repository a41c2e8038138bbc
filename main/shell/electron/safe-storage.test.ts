// Which of the platforms' storages count as safe; Electron itself is stood in for.
import { expect, it } from 'vitest';
import { type PlatformStorage, safeStorageOf } from './safe-storage.ts';

const platformStorage = (backend?: string, isAvailable = true): PlatformStorage => ({
  isAsyncEncryptionAvailable: async () => isAvailable,
  encryptStringAsync: async (text) => Buffer.from(Buffer.from(text).toReversed()),
  decryptStringAsync: async (bytes) => ({ result: Buffer.from(bytes.toReversed()).toString('utf8') }),
  ...(backend !== undefined && { getSelectedStorageBackend: () => backend }),
});

it.each([
  ['darwin', undefined, 'macOS Keychain'], ['win32', undefined, 'Windows data protection'],
  ['linux', 'gnome_libsecret', 'Secret Service (GNOME Keyring)'], ['linux', 'kwallet6', 'KWallet'],
] as const)('on %s with %s keeps secrets in %s', async (platform, backend, name) => {
  const storage = await safeStorageOf(platformStorage(backend), platform);
  if (!storage.available) throw new Error(storage.why);
  const sealed = await storage.encrypt('open sesame');
  expect([storage.name, sealed.toString('utf8'), await storage.decrypt(sealed)]).toEqual([name, 'emases nepo', 'open sesame']);
});

it.each(['basic_text', 'unknown', 'something new', undefined])('on Linux with %s there is none, and that is said', async (backend) => {
  expect(await safeStorageOf(platformStorage(backend), 'linux')).toMatchObject({ available: false, why: expect.stringContaining('No keyring') });
});

it('that does not answer is none, and is named', async () => {
  expect(await safeStorageOf(platformStorage('kwallet5', false), 'linux')).toEqual({ available: false, why: 'KWallet is locked or does not answer.' });
});

it('tells bytes that are not its own from a keyring that was locked meanwhile', async () => {
  let isAvailable = true;
  const storage = await safeStorageOf({ ...platformStorage('kwallet6'), isAsyncEncryptionAvailable: async () => isAvailable, decryptStringAsync: async () => Promise.reject(new Error('No.')) }, 'linux');
  if (!storage.available) throw new Error(storage.why);
  expect(await storage.decrypt(Buffer.from('foreign'))).toBeNull();
  isAvailable = false;
  await expect(storage.decrypt(Buffer.from('own'))).rejects.toThrow('No.');
});
