import { Alert, Modal } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** The browser's own reader of QR codes, where it has one. */
interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
type DetectorClass = new (options: { formats: string[] }) => Detector;

const LOOK_MS = 200;

/** Reads the tag of a booth or thing with the camera. */
export function Scanner({ onFound, onClose }: { onFound: (text: string) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const video = useRef<HTMLVideoElement>(null);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    const { BarcodeDetector } = window as { BarcodeDetector?: DetectorClass };
    if (!BarcodeDetector) {
      setProblem(t('inventory.noReader'));
      return;
    }
    const reader = new BarcodeDetector({ formats: ['qr_code', 'code_128'] });
    let stream: MediaStream | undefined;
    let timer: ReturnType<typeof setInterval> | undefined;
    let closed = false;
    const start = async () => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      if (closed || !video.current) return stop();
      video.current.srcObject = stream;
      await video.current.play();
      timer = setInterval(async () => {
        const [found] = video.current ? await reader.detect(video.current).catch(() => []) : [];
        if (found) onFound(found.rawValue);
      }, LOOK_MS);
    };
    const stop = () => {
      clearInterval(timer);
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
    start().catch(() => setProblem(t('inventory.noCamera')));
    return () => {
      closed = true;
      stop();
    };
  }, [onFound, t]);
  return (
    <Modal opened onClose={onClose} title={t('inventory.scan')}>
      {problem ? (
        <Alert color="orange">{problem}</Alert>
      ) : (
        <video ref={video} style={{ width: '100%', borderRadius: 8 }} muted playsInline />
      )}
    </Modal>
  );
}
