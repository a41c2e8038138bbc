// A canvas that is as sharp as the screen and is drawn again when its size, its scale or what it shows changes.
import { type ReactNode, useEffect, useRef, useState } from 'react';

/** Draws into `context`, which is empty and whose unit is one CSS pixel. */
export type Draw = (context: CanvasRenderingContext2D, width: number, height: number) => void;

/** The width of an element in CSS pixels, kept true as it changes. */
export const useWidth = (): readonly [(element: HTMLElement | null) => void, number] => {
  const [element, setElement] = useState<HTMLElement | null>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (element === null) return undefined;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return [setElement, width];
};

/** `draw` is called when it is another function: pass a new one only when the picture changes. */
export const Canvas = ({ draw, width, height, label }: { readonly draw: Draw; readonly width: number; readonly height: number; readonly label?: string }): ReactNode => {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (element === null || context === null || context === undefined) return;
    const scale = window.devicePixelRatio;
    const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
    // Setting the size takes all pixels anew, which costs as much as drawing them.
    if (element.width !== size.width || element.height !== size.height) Object.assign(element, size);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    draw(context, width, height);
  }, [draw, width, height]);
  return <canvas ref={canvas} style={{ width, height, display: 'block', flex: 'none' }} {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })} />;
};
