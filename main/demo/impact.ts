// AFFECT_CURRENT, AFFECT_LIVE and AFFECT_CONFIG as libvirt resolves them (virDomainObjUpdateModificationImpact).
import { affect } from '../libvirt/constants.ts';
import type { Definition } from './definition.ts';
import { badArgument, checkFlags, invalidOperation } from './fault.ts';
import type { Guest } from './guest.ts';

/** The definitions that a setter acts on. */
export interface Impact {
  readonly live: Definition | null;
  readonly saved: Definition | null;
}

const both = affect.live | affect.config;

/** Which definitions these flags mean. Live of a stopped guest and config of a transient one are refused with 55, unknown bits with 8. */
export const impactOf = (guest: Guest, flags: number, alsoKnown = 0): Impact => {
  checkFlags(flags, both | alsoKnown);
  const wanted = (flags & both) === 0 ? (guest.isActive ? affect.live : affect.config) : flags & both;
  if ((wanted & affect.live) !== 0 && !guest.isActive) throw invalidOperation('domain is not running');
  if ((wanted & affect.config) !== 0 && guest.saved === null) throw invalidOperation('transient domains do not have any persistent configuration');
  return { live: (wanted & affect.live) === 0 ? null : guest.live, saved: (wanted & affect.config) === 0 ? null : guest.saved };
};

/** The one definition that a getter reads; asking for both is refused with 8. */
export const readImpact = (guest: Guest, flags: number, alsoKnown = 0): { readonly definition: Definition; readonly isLive: boolean } => {
  checkFlags(flags, both | alsoKnown);
  if ((flags & both) === both) throw badArgument("Flags 'VIR_DOMAIN_AFFECT_LIVE' and 'VIR_DOMAIN_AFFECT_CONFIG' are mutually exclusive");
  const { live, saved } = impactOf(guest, flags, alsoKnown);
  const definition = live ?? saved;
  if (definition === null) throw new Error('no definition affected');
  return { definition, isLive: live !== null };
};

/** Edits whatever is affected. */
export const editBoth = (impact: Impact, change: (root: Definition['root']) => void): void => {
  impact.live?.edit(change);
  impact.saved?.edit(change);
};
