// Why a guest shows no picture here, and what can be done all the same: a viewer, keys, a picture by libvirt, a display to come.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { type ReactNode, useMemo, useState } from 'react';
import type { GuestDescription } from '../../../../app/contract/guests.ts';
import { displaysOf, withVnc } from '../../../../app/xml/displays.ts';
import { DomainXml } from '../../../../app/xml/domain-xml.ts';
import { refusalOf, useTell } from '../../../api/api.tsx';
import { ScreenPicture } from '../../../panels/screen-picture.tsx';
import type { Tuning } from '../../../panels/tuning.ts';
import { KeyMenu } from './key-menu.tsx';
import { SpiceDisplay } from './spice-display.tsx';

/** Why a guest with this live definition shows no picture here; null = it does. */
const whyNoDisplay = (xml: DomainXml): string | null => {
  const types = displaysOf(xml).map(({ type }) => type);
  if (types.includes('vnc')) return null;
  return types.length === 0 ? 'This guest has no display: its definition has no graphics.' : `The display of this guest speaks ${types.map((type) => type.toUpperCase()).join(' and ')} only, which is not shown here.`;
};

/** Adds a VNC display to the saved definition, as a plan that is looked at first; nothing where the guest has or gets one. */
const AddDisplay = ({ tuning }: { readonly tuning: Tuning | null }): ReactNode => {
  const savedXml = tuning?.reading.savedXml ?? null;
  const saved = useMemo(() => (savedXml === null ? null : DomainXml.parse(savedXml)), [savedXml]);
  if (tuning === null || tuning.fixed !== null || savedXml === null || saved === null) return null;
  if (displaysOf(saved).some(({ type }) => type === 'vnc')) return <Box>Its saved definition has a VNC display, which is there after a restart.</Box>;
  if (tuning.wanted.definition !== undefined) return <Box>The saved definition is being edited: the plan below has it.</Box>;
  return (
    <Button title="The display listens for the host itself alone. It is there after a restart." onClick={() => tuning.write({ from: savedXml, to: withVnc(saved).text(), validate: true })}>Add a VNC display…</Button>
  );
};

/** Nothing where the guest has a display that is shown. @param waiting why it cannot be reached now; null = it can. */
export const NoDisplay = ({ guest, xml, tuning, waiting }: { readonly guest: GuestDescription; readonly xml: DomainXml; readonly tuning: Tuning | null; readonly waiting: string | null }): ReactNode => {
  const { host, uuid } = guest;
  const pressKeys = useTell('consoles', 'pressKeys');
  const [pictured, setPictured] = useState(false);
  const why = whyNoDisplay(xml);
  if (why === null) return null;
  // What has a graphics card has a picture, whether it is shown to anybody or not.
  const hasScreen = xml.elements('devices', 'video').some((card) => card.element('model')?.attribute('type') !== 'none');
  return (
    <Alert severity="info" sx={{ '& .MuiAlert-message': { flex: 1, minWidth: 0 } }}>
      <Box sx={{ display: 'grid', gap: '8px', justifyItems: 'start' }}>
        <Box>{why}</Box>
        {displaysOf(xml).filter(({ type }) => type === 'spice').map(({ index }) => <SpiceDisplay key={index} guest={guest} display={index} disabled={waiting !== null} />)}
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '6px', alignItems: 'center' }}>
          <AddDisplay tuning={tuning} />
          <KeyMenu disabled={waiting !== null} press={(keys) => pressKeys.mutate({ host, uuid, keys: keys.map(({ linux }) => linux) })} />
          {hasScreen && !pictured && <Button disabled={waiting !== null} title="libvirt takes it; no display is needed" onClick={() => setPictured(true)}>Take a picture</Button>}
        </Box>
        {pressKeys.error !== null && <Box>{refusalOf(pressKeys.error).message}</Box>}
        {hasScreen && pictured && waiting === null && <Box sx={{ width: 'min(100%, 640px)' }}><ScreenPicture guest={guest} /></Box>}
      </Box>
    </Alert>
  );
};
