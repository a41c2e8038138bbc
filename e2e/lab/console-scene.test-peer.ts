// What the tests of consoles on the lab share: main with consoles open, which goes with its test, and bytes to send.
import { onTestFinished } from 'vitest';
import { consoleScene, type ConsoleScene } from './console-scene.ts';

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Main of its own, connected to the host, until the test is over. */
export const sceneIn = async (home: string, uri: string): Promise<ConsoleScene> => {
  const made = await consoleScene(home, uri);
  onTestFinished(made.close);
  return made;
};
