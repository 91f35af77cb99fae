import { Controller, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Scopes } from '../auth/access.guard.js';
import { send } from '../uploads/answer.js';
import { uploadRequestOf } from '../uploads/upload-request.js';
import { Uploads } from '../uploads/uploads.service.js';
import { messageUpload } from './message-upload.js';
import { DescribeUpload } from './messages.openapi.js';

/** Messages of the upload API. */
@ApiTags('messages')
@Controller('api/messages')
export class MessagesController {
  constructor(private readonly uploads: Uploads) {}

  @Post()
  @Scopes('ingest')
  @DescribeUpload()
  upload(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return send(reply, this.uploads.take(uploadRequestOf(request), messageUpload));
  }
}
