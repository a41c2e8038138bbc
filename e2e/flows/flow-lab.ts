// Real hosts of a flow's own: the lab's libvirtd, or the whole virtual host.
import { tier1Problem } from '../lab/requirements.ts';
import type { Lab } from '../lab/state.ts';
import { hostLastWords, hostUp, type VirtualHost } from '../lab/host/host.ts';
import { labUp } from '../lab/tier1.ts';
import { test } from './program.ts';

/** Skips what needs a real host where this machine cannot have one, and keeps it apart by its name from those of other flows. */
const prepare = async (name: string): Promise<void> => {
  const problem = await tier1Problem();
  // `npm test` is to pass for who is not root or not on Linux, as the README promises; the flow is counted as skipped, with the reason. In CI it fails instead.
  test.skip(problem !== null && process.env['CI'] !== 'true', `skipped: ${problem}`);
  process.env['GUESTDECK_LAB_DIR'] = `/tmp/guestdeck-lab-${name}`;
};

/** For `beforeAll`. */
export const flowLab = async (name: string): Promise<Lab> => {
  await prepare(name);
  return await labUp();
};

/** In a `describe` of what needs the virtual host: an emulated machine takes its time. */
export const onVirtualHost = (): void => {
  test.describe.configure({ mode: 'default', timeout: 600_000 });
  test.use({ actionTimeout: 60_000 });
  test.afterEach(async ({}, info) => {
    if (info.status !== info.expectedStatus) process.stderr.write((await hostLastWords()) ?? '');
  });
};

/** For `beforeAll`. */
export const flowHost = async (name: string): Promise<VirtualHost> => {
  test.setTimeout(600_000);
  await prepare(name);
  return await hostUp();
};
