// The window on a stand-in for main, for looking at it and for flows that no real host gives: `?guests=1000&hosts=none`.
import { standIn } from './bridge.ts';

const query = new URLSearchParams(window.location.search);
Object.defineProperty(window, 'guestdeck', { value: standIn({ guests: Number(query.get('guests') ?? '16'), hosts: query.get('hosts') !== 'none', cpus: Number(query.get('cpus') ?? '32'), vcpus: Number(query.get('vcpus') ?? '8'), pace: Number(query.get('pace') ?? '1000') }) });
await import('../main.tsx');
