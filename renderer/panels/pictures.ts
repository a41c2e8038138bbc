// Knobs that are drawn by a picture of their own instead of, or above, the rows of their card.
import type { ReactNode } from 'react';
import type { KnobName } from '../../app/tuning/knobs.ts';
import { InsideVcpus } from './inside-vcpus.tsx';
import { MemoryBar } from './memory-bar.tsx';
import type { Tuning } from './tuning.ts';

export const pictures: { readonly [K in KnobName]?: (props: { readonly tuning: Tuning }) => ReactNode } = { vcpus: InsideVcpus, currentMemory: MemoryBar };
