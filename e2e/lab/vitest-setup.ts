// Brings the lab up before the lab's tests, and down after them unless it was there already.
import { labDown, labStatus, labUp } from './tier1.ts';

export default async function setup(): Promise<() => Promise<void>> {
  const before = await labStatus();
  await labUp();
  return async () => {
    if (before.state !== 'up') await labDown();
  };
}
