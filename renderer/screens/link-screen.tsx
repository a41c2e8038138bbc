// Where a link from outside led: on to its guest as soon as that is known, or why it leads nowhere.
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import Link from '@mui/material/Link';
import { mdiLinkOff } from '@mdi/js';
import { type ReactNode, useEffect } from 'react';
import type { DeepLink } from '../../app/domain/deep-link.ts';
import { refusalOf, useTell } from '../api/api.tsx';
import type { Fleet } from '../api/fleet.ts';
import { EmptyState } from '../ui/card.tsx';
import { RefusalCard } from '../ui/refusal-card.tsx';
import { addressOf, guestTabs } from './place.ts';

/** The one that is called so: by its id or its name, or by its name in other letters where only one is. */
const called = <T,>(all: readonly T[], word: string, names: (one: T) => { readonly id: string; readonly name: string }): T | undefined => {
  const exact = all.find((one) => names(one).id === word) ?? all.find((one) => names(one).name === word);
  if (exact !== undefined) return exact;
  const [alike, other] = all.filter((one) => names(one).name.toLowerCase() === word.toLowerCase());
  return other === undefined ? alike : undefined;
};

export const LinkScreen = ({ to, fleet }: { readonly to: DeepLink; readonly fleet: Fleet }): ReactNode => {
  const connect = useTell('connections', 'connect');
  const connection = called(fleet.connections, to.host, ({ id, name }) => ({ id, name }));
  const guest = called(fleet.guests.filter(({ host }) => host === connection?.id), to.guest, ({ uuid, name }) => ({ id: uuid, name }));
  const address = guest === undefined ? null : addressOf({ at: 'guest', host: guest.host, uuid: guest.uuid, tab: guestTabs.find((tab) => tab === to.tab) ?? 'overview' });
  useEffect(() => {
    // In its own place among those that were visited: going back does not lead here again.
    if (address !== null) window.location.replace(address);
  }, [address]);
  if (connection === undefined && !fleet.loading) {
    return <EmptyState icon={mdiLinkOff} title={`No saved host is called “${to.host}”`}>The link points at the guest “{to.guest}” there. <Link href="#/">Go to all guests</Link></EmptyState>;
  }
  const phase = connection?.state.phase;
  if (connection !== undefined && (phase === 'off' || phase === 'failed')) {
    return (
      <EmptyState icon={mdiLinkOff} title={`${connection.name} is not connected`} action={<Button variant="contained" color="primary" onClick={() => connect.mutate({ id: connection.id })}>Connect</Button>}>
        The link points at the guest “{to.guest}” there.
        {connect.error !== null && <RefusalCard refusal={refusalOf(connect.error)} />}
      </EmptyState>
    );
  }
  if (phase === 'ready' && !fleet.loading && guest === undefined) {
    return <EmptyState icon={mdiLinkOff} title={`${connection?.name ?? to.host} has no guest “${to.guest}”`}>It may have been renamed or removed. <Link href={addressOf({ at: 'host', host: connection?.id ?? '' })}>Go to the host</Link></EmptyState>;
  }
  return <LinearProgress aria-label={`Looking for ${to.guest} on ${to.host}`} />;
};
