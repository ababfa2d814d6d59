import { Button, Group, Text } from '@mantine/core';
import { type PointerEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './Client.module.css';

const WIDTH = 600;
const HEIGHT = 200;

/** A signature drawn by finger, pen or mouse. @param onChange gets a PNG as data URL, or null when cleared */
export function SignaturePad({ onChange }: { onChange: (png: string | null) => void }) {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef(false);
  const at = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return [
      ((event.clientX - box.left) * WIDTH) / box.width,
      ((event.clientY - box.top) * HEIGHT) / box.height,
    ] as const;
  };
  const begin = (event: PointerEvent) => {
    const pen = canvas.current?.getContext('2d');
    if (!pen) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    drawing.current = true;
    pen.lineWidth = 3;
    pen.lineCap = 'round';
    pen.strokeStyle = '#1a1a2e';
    pen.beginPath();
    pen.moveTo(...at(event));
  };
  const draw = (event: PointerEvent) => {
    const pen = canvas.current?.getContext('2d');
    if (!drawing.current || !pen) return;
    pen.lineTo(...at(event));
    pen.stroke();
  };
  const end = () => {
    if (!drawing.current) return;
    drawing.current = false;
    onChange(canvas.current?.toDataURL('image/png') ?? null);
  };
  const clear = () => {
    canvas.current?.getContext('2d')?.clearRect(0, 0, WIDTH, HEIGHT);
    onChange(null);
  };
  return (
    <div>
      <canvas
        ref={canvas}
        width={WIDTH}
        height={HEIGHT}
        className={classes.pad}
        role="img"
        aria-label={t('client.drawnLabel')}
        onPointerDown={begin}
        onPointerMove={draw}
        onPointerUp={end}
        onPointerCancel={end}
      />
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
