// A lab of a flow's own, with a real libvirtd; where a machine cannot have one the flow is skipped and says why, but never in CI.
import { tier1Problem } from '../lab/requirements.ts';
import type { Lab } from '../lab/state.ts';
import { labUp } from '../lab/tier1.ts';
import { test } from './program.ts';

/** For `beforeAll`. @param name what keeps the lab apart from those of other flows. */
export const flowLab = async (name: string): Promise<Lab> => {
  const problem = await tier1Problem();
  test.skip(problem !== null && process.env['CI'] !== 'true', `skipped: ${problem}`);
  process.env['GUESTDECK_LAB_DIR'] = `/tmp/guestdeck-lab-${name}`;
  return await labUp();
};
