// Which guests can be restarted for what waits, and why others cannot.
import { expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { whyNoRestart } from './restart.ts';

const running = { state: 'running', persistent: true, managedSave: false } as const;
const withEvent = (onPowerOff: string): DomainXml => DomainXml.parse(`<domain type='kvm' id='1'><on_poweroff>${onPowerOff}</on_poweroff></domain>`);

it('a running guest with a saved definition that goes off at its shutdown', () => {
  expect([whyNoRestart(running, null), whyNoRestart(running, withEvent('destroy')), whyNoRestart({ ...running, state: 'blocked' }, null)]).toEqual([null, null, null]);
});

it.each([
  [{ ...running, state: 'shutoff' as const }, null, /^It is shut off/],
  [{ ...running, persistent: false }, null, /^It is transient/],
  [{ ...running, state: 'paused' as const }, null, /^It is paused/],
  [running, withEvent('preserve'), /<on_poweroff> is preserve/],
  [running, withEvent('restart'), /<on_poweroff> is restart/],
])('not %j', (guest, live, why) => {
  expect(whyNoRestart(guest, live)).toMatch(why);
});
