// What is said of what was found: how many, of which it is not known, and from when what decides it is.
import Button from '@mui/material/Button';
import type { ReactNode } from 'react';
import type { FleetView } from '../../../app/contract/fleet.ts';
import type { Found } from './found.ts';

const Small = ({ title, onClick, children }: { readonly title: string; readonly onClick: () => void; readonly children: string }): ReactNode => (
  <Button variant="text" color="primary" title={title} onClick={onClick} sx={{ font: 'inherit', p: '0 4px', ml: '4px', lineHeight: 'inherit', verticalAlign: 'baseline' }}>{children}</Button>
);

export const FoundSays = ({ found: { guests, unknown, unread, reading, measured }, view, of }: { readonly found: Found; readonly view: FleetView; readonly of: number }): ReactNode => {
  const isFiltered = view.text.trim() !== '' || view.states.length > 0 || view.hosts.length > 0 || view.running || view.pending;
  const unmeasured = unknown.length - unread;
  return (
    <>
      {isFiltered && `${guests.length.toLocaleString()} of ${of.toLocaleString()} shown.`}
      {unread > 0 && ` ${unread.toLocaleString()} more may fit: their settings are ${reading.isOn ? 'not known yet' : 'not read'}.`}
      {unread > 0 && !reading.isOn && <Small title="Reads the definition of each of them once" onClick={reading.begin}>Read them</Small>}
      {unmeasured > 0 && ` ${unmeasured.toLocaleString()} more may fit: their use is not known yet.`}
      {measured !== null && ` By use at ${new Date(measured.at).toLocaleTimeString()}.`}
      {measured !== null && <Small title="Takes what guests use at this moment; until then rows stay where they are" onClick={measured.again}>Again</Small>}
    </>
  );
};
