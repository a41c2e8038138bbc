// Every guest of every host that is connected, or was until it was lost.
import { useQueries } from '@tanstack/react-query';
import type { Connection } from '../../app/contract/connections.ts';
import type { GuestSummary } from '../../app/contract/guests.ts';
import type { Refusal } from '../../app/contract/refusal.ts';
import { questionOf, refusalOf, useApi, useAsk } from './api.tsx';

/** A guest with the host it is on; `seen` = when it was last true, null while the host answers. */
export interface FleetGuest extends GuestSummary {
  readonly hostName: string;
  readonly seen: number | null;
  /** Why nothing can be changed on it; null = it can. */
  readonly fixed: string | null;
}

/** Why nothing can be changed on a host, for a person; null = it can. */
export const fixedBy = (connection: Pick<Connection, 'name' | 'readOnly'> | undefined): string | null =>
  (connection?.readOnly === true ? `${connection.name} is connected read-only: this can be looked at, not changed.` : null);

export interface Fleet {
  readonly connections: readonly Connection[];
  readonly guests: readonly FleetGuest[];
  /** A connected host has not listed its guests yet. */
  readonly loading: boolean;
  /** What could not be read, by host; '' = the list of hosts itself. */
  readonly refusals: readonly { readonly host: string; readonly name: string; readonly refusal: Refusal }[];
}

const none: readonly Connection[] = [];

/** Hosts whose guests are worth showing: those that answer, and those expected back. */
const shows = (connection: Connection): boolean => connection.state.phase === 'ready' || connection.state.phase === 'lost' || connection.state.phase === 'connecting';

export const useFleet = (): Fleet => {
  const { client } = useApi();
  const list = useAsk('connections', 'list', {});
  const connections = list.data ?? none;
  return useQueries({
    queries: connections.map((connection) => ({ ...questionOf(client, 'guests', 'list', { host: connection.id }), enabled: connection.state.phase === 'ready' })),
    combine: (answers): Fleet => {
      const each = connections.flatMap((connection, index) => {
        const answer = answers[index];
        return answer === undefined ? [] : [{ connection, answer }];
      });
      return {
        connections,
        guests: each.flatMap(({ connection, answer }) => {
          if (!shows(connection) || answer.data === undefined) return [];
          const seen = connection.state.phase === 'lost' ? connection.state.since : connection.state.phase === 'connecting' ? answer.dataUpdatedAt : null;
          return answer.data.map((guest) => ({ ...guest, hostName: connection.name, seen, fixed: fixedBy(connection) }));
        }),
        loading: list.isPending || each.some(({ connection, answer }) => connection.state.phase === 'ready' && answer.isPending),
        refusals: [
          ...(list.error === null ? [] : [{ host: '', name: '', refusal: refusalOf(list.error) }]),
          ...each.flatMap(({ connection, answer }) => (answer.error === null || connection.state.phase !== 'ready' ? [] : [{ host: connection.id, name: connection.name, refusal: refusalOf(answer.error) }])),
        ],
      };
    },
  });
};
