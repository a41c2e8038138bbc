// What the running guests of a host show: pictures that are taken when somebody wants to see them.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { type ReactNode, useState } from 'react';
import type { GuestSummary } from '../../../app/contract/guests.ts';
import { isActive } from '../../../app/domain/guest.ts';
import { ScreenPicture } from '../../panels/screen-picture.tsx';
import { Card } from '../../ui/card.tsx';
import { addressOf } from '../place.ts';

/** So many at a time: each picture is a call of its own. */
const portion = 12;

export const ScreensCard = ({ guests }: { readonly guests: readonly GuestSummary[] }): ReactNode => {
  const [shown, setShown] = useState(0);
  const running = guests.filter(({ state }) => isActive(state));
  if (running.length === 0) return null;
  return (
    <Card title="Screens" beside={<><Box sx={{ flex: 1 }} />{shown > 0 && <Button onClick={() => setShown(0)}>Hide</Button>}{shown < running.length && <Button onClick={() => setShown(shown + portion)}>{shown === 0 ? 'Show the screens' : `Show ${Math.min(portion, running.length - shown)} more`}</Button>}</>}>
      {shown === 0
        ? <Box sx={{ color: 'text.secondary' }}>A picture of each of the {running.length} guests that run is taken once, when it is asked for.</Box>
        : (
          <Box component="ul" aria-label="Screens" sx={{ m: 0, p: 0, listStyle: 'none', display: 'grid', gap: '12px', gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 220px), 1fr))' }}>
            {running.slice(0, shown).map((guest) => (
              <Box component="li" key={guest.uuid} sx={{ minWidth: 0 }}><ScreenPicture guest={guest} href={addressOf({ at: 'guest', host: guest.host, uuid: guest.uuid, tab: 'console' })} /></Box>
            ))}
          </Box>
        )}
    </Card>
  );
};
