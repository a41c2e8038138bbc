// Whether a guest can be shut down and started again for what waits for a restart.
import { type GuestStanding, guestStates } from '../domain/guest.ts';
import type { DomainXml } from '../xml/domain-xml.ts';

/**
 * Why a guest cannot be restarted by shutting it down and starting it; null = it can be asked to.
 * @param live what it runs with: https://libvirt.org/formatdomain.html#events-configuration says what becomes of it at a shutdown.
 */
export function whyNoRestart({ state, persistent }: GuestStanding, live: DomainXml | null): string | null {
  if (state === 'shutoff') return 'It is shut off: what was saved holds from its next start on.';
  if (!persistent) return 'It is transient: it is gone when it is shut down, and cannot be started again.';
  if (state !== 'running' && state !== 'blocked') return `It is ${guestStates[state].label.toLowerCase()}, so that it would not hear of a shutdown.`;
  const onPowerOff = live?.textOf('on_poweroff')?.trim() ?? 'destroy';
  // With these the same QEMU goes on, as it was started: nothing that is saved comes true.
  return onPowerOff === 'destroy' ? null : `Its <on_poweroff> is ${onPowerOff}: it does not go off when it shuts down.`;
}
