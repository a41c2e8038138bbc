// The platform's safe storage as Electron reaches it: Keychain, DPAPI, or a keyring of the Linux desktop.
import type { SafeStorage } from '../../services/secrets.ts';

/** The part of Electron's safeStorage that is used. */
export interface PlatformStorage {
  isAsyncEncryptionAvailable(): Promise<boolean>;
  encryptStringAsync(text: string): Promise<Buffer>;
  decryptStringAsync(bytes: Buffer): Promise<{ readonly result: string }>;
  /** On Linux only. */
  getSelectedStorageBackend?(): string;
}

const keyrings: Readonly<Record<string, string>> = { gnome_libsecret: 'Secret Service (GNOME Keyring)', kwallet: 'KWallet', kwallet5: 'KWallet', kwallet6: 'KWallet' };
const names: Partial<Readonly<Record<NodeJS.Platform, string>>> = { darwin: 'macOS Keychain', win32: 'Windows data protection' };

const none = (why: string): SafeStorage => ({ available: false, why });

/**
 * The safe storage, or why there is none; asked once Electron is ready. Without a keyring Electron falls back, on Linux, to a key that
 * is the same on every computer: that keeps nothing safe and counts as none.
 */
export const safeStorageOf = async (storage: PlatformStorage, platform: NodeJS.Platform): Promise<SafeStorage> => {
  const backend = platform === 'linux' ? storage.getSelectedStorageBackend?.() ?? 'unknown' : undefined;
  const name = backend === undefined ? names[platform] : keyrings[backend];
  if (name === undefined) return none('No keyring of the desktop was found: passwords could only be kept in a form that anybody can read.');
  if (!(await storage.isAsyncEncryptionAvailable())) return none(`${name} is locked or does not answer.`);
  return {
    available: true,
    name,
    encrypt: async (text) => await storage.encryptStringAsync(text),
    decrypt: async (bytes) => {
      try {
        return (await storage.decryptStringAsync(bytes)).result;
      } catch (error) {
        // It does not tell foreign bytes from a keyring that was locked meanwhile.
        if (await storage.isAsyncEncryptionAvailable()) return null;
        throw error;
      }
    },
  };
};
