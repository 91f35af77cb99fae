import { replaceMethod } from './replace-method.js';

/** Once the database is back new records go straight to it, before those that were passed over. */
await replaceMethod(
  {
    file: 'apps/ingestion/dist/parking/parking-lot.js',
    className: 'ParkingLot',
    method: 'passOver',
  },
  () => async () => false,
);
