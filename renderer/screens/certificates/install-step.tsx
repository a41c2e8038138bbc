// The wizard's fourth step: exactly what will be written on the host and on this computer, done when told to, with what became of each line.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { mdiChevronDown, mdiChevronRight } from '@mdi/js';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { SetupLook } from '../../../app/contract/setup.ts';
import { certificateUses, clientPlaces } from '../../../app/contract/setup.ts';
import { Icon } from '../../ui/icon.tsx';
import { Tick } from '../../ui/tick.tsx';
import { reachedOf } from './form.ts';
import { Interrupted } from './put-back.tsx';
import { ChoiceRow, Row, TextRow } from './rows.tsx';
import { type Install, PlanView } from './setup-plan.tsx';

export interface InstallOptions {
  readonly uses: readonly (typeof certificateUses)[number][];
  readonly place: (typeof clientPlaces)[number];
  /** As typed; '' = the usual. */
  readonly reachedAs: string;
}

export const usualOptions: InstallOptions = { uses: ['daemon'], place: 'app', reachedAs: '' };

const useWords: Readonly<Record<(typeof certificateUses)[number], { readonly label: string; readonly effect: string }>> = {
  daemon: { label: 'libvirt’s connections', effect: 'qemu+tls:// for this and other programs.' },
  vnc: { label: 'VNC consoles', effect: 'Screens of guests are encrypted; those that run take it up when they start anew.' },
  spice: { label: 'SPICE consoles', effect: 'As for VNC.' },
  migration: { label: 'Migration between hosts', effect: 'What QEMU sends while a guest moves is encrypted. Both hosts need it, and certificates for clients too.' },
};

const places: Readonly<Record<(typeof clientPlaces)[number], { readonly label: string; readonly hint: string }>> = {
  app: { label: 'Guestdeck’s own folder', hint: 'Named in the connection’s URI as pkipath; virsh can use it too.' },
  user: { label: '~/.pki/libvirt', hint: 'virsh and other programs of this user find it by themselves.' },
  system: { label: '/etc/pki', hint: 'For all users of this computer; needs root.' },
};

/** What a certificate is put on a host for; libvirt's own connections always. */
export const UseTicks = ({ uses, disabled, onChange }: { readonly uses: InstallOptions['uses']; readonly disabled: boolean; readonly onChange: (uses: InstallOptions['uses']) => void }): ReactNode => certificateUses.map((use) => (
  <Tick key={use} label={useWords[use].label} effect={useWords[use].effect} checked={uses.includes(use)} disabled={disabled || use === 'daemon'} onChange={(on) => onChange(certificateUses.filter((one) => (one === use ? on : uses.includes(one))))} />
));

export const InstallStep = ({ host, name, look, options, onOptions, onHost, here, busy, refusal }: {
  readonly host: string;
  readonly name: string;
  readonly look: SetupLook | undefined;
  readonly options: InstallOptions;
  readonly onOptions: (options: InstallOptions) => void;
  readonly onHost: Install;
  readonly here: Install;
  readonly busy: boolean;
  readonly refusal: ReactNode;
}): ReactNode => {
  const done = onHost.report?.outcome === 'complete';
  const [more, setMore] = useState(false);
  const id = useId();
  const unfolded = useRef<HTMLElement>(null);
  useEffect(() => {
    if (more) unfolded.current?.scrollIntoView({ block: 'nearest' });
  }, [more]);
  return (
    <>
      <Typography sx={{ color: 'text.secondary' }}>Nothing is written before Install is pressed. What a file replaces stays beside it; if anything fails, all of it is put back.</Typography>
      {look?.interrupted != null && <Interrupted host={host} interrupted={look.interrupted} />}
      <PlanView host={null} title="What goes where on this computer" install={here} secretless />
      <PlanView host={host} title={`What goes where on ${name}`} install={onHost} />
      {refusal}
      <Button variant="text" color="primary" aria-expanded={more} aria-controls={id} startIcon={<Icon path={more ? mdiChevronDown : mdiChevronRight} size={16} />} onClick={() => setMore(!more)} sx={{ justifySelf: 'start', ml: '-8px', px: 1 }}>Consoles, migration, where the client’s files go, by which name it is reached</Button>
      <Box id={id} ref={unfolded} sx={{ display: 'grid', gap: '10px' }}>
        {more && (
          <>
            <Row label="For">
              <UseTicks uses={options.uses} disabled={busy || done} onChange={(uses) => onOptions({ ...options, uses })} />
            </Row>
            <ChoiceRow label="Client files in" value={options.place} disabled={busy || done} hint={places[options.place].hint} choices={clientPlaces.map((value) => ({ value, label: places[value].label }))} onChange={(value) => onOptions({ ...options, place: clientPlaces.find((one) => one === value) ?? 'app' })} />
            <TextRow label="Reached as" value={options.reachedAs} disabled={busy || done} placeholder="as the connection names it" problem={reachedOf(options.reachedAs) === null ? 'A name or an address, with a port behind a colon where it is not 16514.' : null} hint="The name or address this computer connects to, name:port where a port is forwarded; the certificate has to be for it." onChange={(reachedAs) => onOptions({ ...options, reachedAs })} />
          </>
        )}
      </Box>
    </>
  );
};
