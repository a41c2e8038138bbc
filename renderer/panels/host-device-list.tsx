// What the host has that a guest could be given: each device with its driver, its IOMMU group and who has it, asked for when somebody wants to see it.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import ButtonBase from '@mui/material/ButtonBase';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import LinearProgress from '@mui/material/LinearProgress';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { mdiChevronDown, mdiChevronRight } from '@mdi/js';
import { type ReactNode, useId, useState } from 'react';
import type { HostDevice } from '../../app/contract/hosts.ts';
import { type Truth, truths } from '../../app/tuning/knob.ts';
import { refusalOf, useAsk, useTell } from '../api/api.tsx';
import { Icon } from '../ui/icon.tsx';
import { RefusalCard } from '../ui/refusal-card.tsx';
import { monospace } from '../ui/theme.ts';
import { truthNames } from '../ui/truth-names.ts';
import type { Tuning } from './tuning.ts';
import { UnplugNotes } from './unplug-notes.tsx';

/** Drivers that hold a PCI device for guests. */
const forGuests = ['vfio-pci', 'pci-stub', 'xen-pciback'];
const isTaken = ({ driver }: HostDevice): boolean => driver !== null && forGuests.includes(driver);

const nameOf = ({ vendor, product, device }: HostDevice): string => [vendor, product].filter((word) => word !== null).join(' ') || device;
const wordsOf = (device: HostDevice): readonly string[] => [
  device.kind === 'mdev' ? 'mediated' : device.kind.toUpperCase(),
  ...(device.driver === null ? ['no driver'] : [`driver ${device.driver}`]),
  ...(device.iommuGroup === null ? [] : [`IOMMU group ${device.iommuGroup}${device.companions.length === 0 ? '' : `, with ${device.companions.join(', ')}`}`]),
];

/** Asks before the host loses a device that it may need. */
const DriveDialog = ({ host, device, onClose }: { readonly host: string; readonly device: HostDevice; readonly onClose: () => void }): ReactNode => {
  const drive = useTell('hosts', 'driveDevice');
  const id = useId();
  const byHost = isTaken(device);
  return (
    <Dialog open onClose={onClose} aria-labelledby={id} maxWidth="xs" fullWidth>
      <DialogTitle id={id}>{byHost ? `Give ${device.device} back to the host` : `Take ${device.device} from the host`}</DialogTitle>
      <DialogContent sx={{ display: 'grid', gap: '12px' }}>
        <Typography component="div">{nameOf(device)}</Typography>
        <Typography component="div">
          {byHost
            ? 'The host’s own driver has it again. A guest that has it unmanaged does not start until it is taken once more.'
            : `The driver ${device.driver ?? ''} lets it go at once: a disk, a network or a display of the host that hangs on it is gone until it is given back. Managed devices need no such step.`}
        </Typography>
        {drive.error !== null && <RefusalCard refusal={refusalOf(drive.error)} title="It stays where it is" />}
      </DialogContent>
      <DialogActions>
        <Button autoFocus onClick={onClose}>Cancel</Button>
        <Button variant="contained" color={byHost ? 'primary' : 'error'} loading={drive.isPending} onClick={() => drive.mutate({ host, name: device.name, byHost }, { onSuccess: onClose })}>{byHost ? 'Give back' : 'Take it'}</Button>
      </DialogActions>
    </Dialog>
  );
};

const giveWords: Readonly<Record<Truth, string>> = { live: 'Give now', saved: 'Give after restart' };

const DeviceRow = ({ tuning, device, onDrive }: { readonly tuning: Tuning; readonly device: HostDevice; readonly onDrive: () => void }): ReactNode => {
  const { edited, fixed } = tuning;
  const give = (truth: Truth): void => {
    const has = edited[truth]?.hostDevices[''] ?? [];
    tuning.set('hostDevices', [truth], { '': [...has, { kind: device.kind, device: device.device, managed: device.kind !== 'mdev', address: null }] });
  };
  const has = (truth: Truth): boolean => edited[truth]?.hostDevices['']?.some(({ kind, device: name }) => kind === device.kind && (name === device.device || name === device.place)) === true;
  return (
    <Box component="li" sx={{ display: 'flex', flexWrap: 'wrap', gap: '4px 16px', alignItems: 'start', borderTop: 1, borderColor: 'divider', pt: '6px' }}>
      <Box sx={{ flex: '1 1 320px', minWidth: 0 }}>
        <Box sx={{ overflowWrap: 'anywhere' }}><strong>{nameOf(device)}</strong> <Box component="span" sx={{ fontFamily: monospace, fontSize: 12 }}>{device.device}{device.place === null ? '' : ` at ${device.place}`}</Box></Box>
        <Box sx={{ color: 'text.secondary', fontSize: 12, overflowWrap: 'anywhere' }}>{wordsOf(device).join(' · ')}</Box>
        {device.users.length > 0 && <Box sx={{ fontSize: 12 }}>{device.users.map(({ name, now }) => `${name} ${now ? 'has it now' : 'gets it at its next start'}`).join(', ')}</Box>}
      </Box>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '6px' }}>
        {truths.filter((truth) => edited[truth]?.hostDevices[''] !== undefined).map((truth) => (
          <Button key={truth} size="small" disabled={fixed !== null || has(truth)} aria-label={`${giveWords[truth]}: ${device.device}`} title={fixed ?? (has(truth) ? `Has it ${truthNames[truth].toLowerCase()}` : undefined)} onClick={() => give(truth)}>{giveWords[truth]}</Button>
        ))}
        {device.kind === 'pci' && <Button size="small" disabled={fixed !== null || (device.driver === null && !isTaken(device))} aria-label={`${isTaken(device) ? 'Give back to the host' : 'Take from the host'}: ${device.device}…`} onClick={onDrive}>{isTaken(device) ? 'Give back…' : 'Take from the host…'}</Button>}
      </Box>
    </Box>
  );
};

const DeviceTable = ({ tuning }: { readonly tuning: Tuning }): ReactNode => {
  const { host } = tuning.guest;
  const { data, error, isFetching, refetch } = useAsk('hosts', 'devices', { host });
  const [search, setSearch] = useState('');
  const [driven, setDriven] = useState<HostDevice | null>(null);
  if (error !== null) return <RefusalCard refusal={refusalOf(error)} title="The host’s devices cannot be read" />;
  if (data === undefined) return <LinearProgress aria-label="Reading the host’s devices" />;
  const wanted = search.trim().toLowerCase();
  const shown = data.filter((device) => [nameOf(device), device.device, ...wordsOf(device), ...device.users.map(({ name }) => name)].join(' ').toLowerCase().includes(wanted));
  return (
    <>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '8px', alignItems: 'center', mb: '8px' }}>
        <TextField value={search} onChange={(event) => setSearch(event.target.value)} placeholder="Search" slotProps={{ htmlInput: { 'aria-label': 'Search the host’s devices' } }} sx={{ width: 220 }} />
        <Button loading={isFetching} onClick={() => void refetch()}>Look again</Button>
        <Box component="span" role="status" sx={{ color: 'text.secondary' }}>{shown.length === data.length ? `${data.length} devices` : `${shown.length} of ${data.length} devices`}</Box>
      </Box>
      <Box component="ul" aria-label="Devices of the host" sx={{ listStyle: 'none', m: 0, p: 0, display: 'grid', gap: '6px', maxHeight: 420, overflow: 'auto' }}>
        {shown.map((device) => <DeviceRow key={device.name} tuning={tuning} device={device} onDrive={() => setDriven(device)} />)}
      </Box>
      {data.length === 0 && <Box sx={{ color: 'text.secondary' }}>The host tells of no device that guests can be given.</Box>}
      {driven !== null && (
        <DriveDialog
          host={host}
          device={driven}
          onClose={() => {
            setDriven(null);
            void refetch();
          }}
        />
      )}
    </>
  );
};

export const HostDeviceList = ({ tuning }: { readonly tuning: Tuning }): ReactNode => {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <Box sx={{ mb: '12px' }}>
      <UnplugNotes tuning={tuning} of="others" />
      <ButtonBase aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)} sx={{ gap: '2px', fontSize: 'inherit', fontFamily: 'inherit', fontWeight: 600, py: '4px' }}>
        <Icon path={open ? mdiChevronDown : mdiChevronRight} size={16} />
        What the host has
      </ButtonBase>
      <Box id={id} sx={{ mt: open ? '6px' : 0 }}>{open && <DeviceTable tuning={tuning} />}</Box>
    </Box>
  );
};
