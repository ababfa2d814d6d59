import { Button, Group, Text } from '@mantine/core';
import { useEffect, useEffectEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import Pad from 'signature_pad';
import classes from './Client.module.css';

/** Maximum image pixels per CSS pixel: enough for print, at about 20 KB. */
const MAX_SCALE = 2;

/** A signature drawn by finger, pen or mouse. @param onChange receives a PNG data URL, or null when cleared */
export function SignaturePad({ onChange }: { onChange: (png: string | null) => void }) {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const pad = useRef<Pad>(null);
  const report = useEffectEvent(onChange);
  useEffect(() => {
    const area = canvas.current;
    if (!area) return;
    const drawing = new Pad(area, { penColor: '#1a1a2e' });
    pad.current = drawing;
    drawing.addEventListener('endStroke', () => report(drawing.toDataURL('image/png')));
    let width = 0;
    const sizes = new ResizeObserver(() => {
      if (area.clientWidth > 0) resize(drawing, area, width ? area.clientWidth / width : 1);
      width = area.clientWidth || width;
    });
    sizes.observe(area);
    return () => {
      sizes.disconnect();
      drawing.off();
    };
  }, []);
  const clear = () => {
    pad.current?.clear();
    onChange(null);
  };
  return (
    <div>
      <canvas ref={canvas} className={classes.pad} role="img" aria-label={t('client.drawnLabel')} />
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          {t('client.drawnLabel')}
        </Text>
        <Button variant="subtle" size="compact-sm" onClick={clear}>
          {t('client.clear')}
        </Button>
      </Group>
    </div>
  );
}

/** Scales image and strokes to the size of the canvas, which changes when a phone is rotated. */
function resize(pad: Pad, canvas: HTMLCanvasElement, growth: number): void {
  const strokes = pad.toData().map((stroke) => ({
    ...stroke,
    points: stroke.points.map((point) => ({ ...point, x: point.x * growth, y: point.y * growth })),
  }));
  const scale = Math.min(window.devicePixelRatio, MAX_SCALE);
  canvas.width = canvas.clientWidth * scale;
  canvas.height = canvas.clientHeight * scale;
  canvas.getContext('2d')?.scale(scale, scale);
  pad.fromData(strokes);
}
