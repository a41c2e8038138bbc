// What was done, the latest first: all of it, or what is looked for.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import { mdiHistory, mdiTextBoxSearchOutline } from '@mdi/js';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useDeferredValue, useState } from 'react';
import { refusalOf, useApi, useAsk } from '../../api/api.tsx';
import { fixedBy } from '../../api/fleet.ts';
import { EmptyState } from '../../ui/card.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { EntryRow } from './entry-row.tsx';
import { ExportHistory } from './export-history.tsx';
import { everything, HistoryFilter, soughtBy } from './history-filter.tsx';

const pageSize = 50;

export const HistoryList = ({ of, withGuest }: { readonly of: { readonly host?: string; readonly uuid?: string }; readonly withGuest: boolean }): ReactNode => {
  const { client } = useApi();
  const connections = useAsk('connections', 'list', {}).data ?? [];
  const [choice, setChoice] = useState(everything);
  const [exporting, setExporting] = useState(false);
  const sought = { ...of, ...soughtBy(useDeferredValue(choice)) };
  const pages = useInfiniteQuery({
    queryKey: ['history', 'list', sought],
    initialPageParam: '',
    queryFn: ({ pageParam }) => client.ask('history', 'list', { ...sought, limit: pageSize, ...(pageParam !== '' && { before: pageParam }) }),
    getNextPageParam: (last) => (last.length < pageSize ? undefined : last.at(-1)?.id),
    placeholderData: keepPreviousData,
  });
  const entries = pages.data?.pages.flat() ?? [];
  const isChosen = Object.keys(soughtBy(choice)).length > 0;
  // What was read before something else was done would offer ways back that are none any more.
  const isOutdated = pages.isStale && !pages.isFetchedAfterMount && !pages.isPlaceholderData;
  if ((pages.data === undefined || isOutdated) && pages.error === null) return <LinearProgress aria-label="Reading the history" />;
  if (!isChosen && pages.data !== undefined && entries.length === 0) return <EmptyState icon={mdiHistory} title="Nothing was done yet">Every change and action is listed here with the way back.</EmptyState>;
  return (
    <>
      <HistoryFilter choice={choice} onChange={setChoice}><Button disabled={entries.length === 0} onClick={() => setExporting(true)}>Export…</Button></HistoryFilter>
      {pages.error !== null && pages.data === undefined && <RefusalCard refusal={refusalOf(pages.error)} title="The history cannot be read" />}
      {pages.data !== undefined && entries.length === 0 && <EmptyState icon={mdiTextBoxSearchOutline} title="Nothing like this was done" action={<Button onClick={() => setChoice(everything)}>Show all</Button>} />}
      <Box component="ul" aria-label="History" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {entries.map((entry) => <EntryRow key={entry.id} entry={entry} fixed={fixedBy(connections.find(({ id }) => id === entry.host?.id))} withGuest={withGuest} />)}
      </Box>
      {pages.hasNextPage && <Box sx={{ p: 2, textAlign: 'center' }}><Button loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>Show older</Button></Box>}
      {pages.isRefetchError && <Alert severity="warning">The list may be out of date.</Alert>}
      {exporting && <ExportHistory sought={sought} onClose={() => setExporting(false)} />}
    </>
  );
};
