import { type CustomDecorator, SetMetadata } from '@nestjs/common';

/** Metadata key of routes that ask for no credential; a global guard looks for it. */
export const PUBLIC_ROUTE = 'parley:public-route';

/** Marks a controller or a method as open to everybody. */
export const PublicRoute = (): CustomDecorator => SetMetadata(PUBLIC_ROUTE, true);
