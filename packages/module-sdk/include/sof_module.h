/* SPDX-License-Identifier: Apache-2.0
 *
 * What an audio module and the firmware say to each other: interface version 1.0, for C.
 *
 * One file of a module defines SOF_MODULE_IMPLEMENTATION before it includes this header and so has
 * sof_module_abi and sof_module_alloc. The module defines, with SOF_EXPORT in front:
 *
 *   int32_t sof_module_init(struct sof_context *context);
 *   int32_t sof_module_prepare(int32_t sources, int32_t sinks);
 *   int32_t sof_module_process(int32_t sources, int32_t sinks);
 *   int32_t sof_module_reset(void);
 *   void sof_module_free(void);
 *
 * and, where it has them, the optional operations that are declared below. There is no C library; the
 * compiler's own memcpy, memmove and memset are the machine's instructions.
 */
#ifndef SOF_MODULE_H
#define SOF_MODULE_H

#include <stddef.h>
#include <stdint.h>

/* Exports the function that follows under its own name. */
#define SOF_EXPORT __attribute__((visibility("default"), used))

#define SOF_MODULE_ABI 0x10000

/* What sof_module_pins returns. */
#define SOF_PINS(sources, sinks) ((sources) << 16 | (sinks))

/* Results of operations: 0, or one of these. */
#define SOF_EPERM (-1)
#define SOF_EBUSY (-16)
#define SOF_ENOMEM (-12)
#define SOF_EINVAL (-22)

/* Sample formats: frame_fmt is the container, valid_fmt the valid bits in it. */
enum sof_frame_fmt {
	SOF_S16_LE = 0,
	SOF_S24_4LE = 1, /* 24 valid bits, right-aligned in 32 */
	SOF_S32_LE = 2,
	SOF_FLOAT = 3,
};

/* Positions of a configuration fragment. */
enum sof_position {
	SOF_MIDDLE = 0,
	SOF_FIRST = 1,
	SOF_LAST = 2,
	SOF_SINGLE = 3,
};

/* Parameter ids that ALSA's switches and enums of a topology arrive with. */
#define SOF_SWITCH_PARAM 200
#define SOF_ENUM_PARAM 201

/* Bytes of the base configuration that every init payload begins with. */
#define SOF_BASE_CONFIG_BYTES 40

/* One stream in one period: samples of all channels in turn, in one block without a wrap. */
struct sof_stream {
	void *data;
	int32_t bytes; /* source: bytes that are there; sink: bytes that there is room for */
	int32_t done; /* the module says: bytes consumed or produced, whole frames */
	int32_t frame_bytes;
	int32_t rate; /* frames per second */
	int32_t channels;
	int32_t frame_fmt;
	int32_t valid_fmt;
	uint32_t channel_map; /* nibble i is the role of channel i */
	int32_t active; /* 1 while the component at the other end runs */
	int32_t queue; /* queue id of the connection at this module */
	int32_t reserved[1];
};

/* What the firmware tells a module at init. */
struct sof_context {
	int32_t size;
	int32_t abi;
	int32_t module_id;
	int32_t instance_id;
	int32_t pipeline_id;
	int32_t core;
	int32_t period_us; /* scheduling period */
	int32_t max_sources;
	int32_t max_sinks;
	struct sof_stream *sources;
	struct sof_stream *sinks;
	uint8_t *fragment; /* the init payload during init, later configuration fragments */
	int32_t fragment_bytes;
	int32_t payload_bytes;
	int32_t memory_bytes; /* that this module's memory can grow to */
	int32_t module_index; /* which module of its library file this instance is */
};

_Static_assert(sizeof(struct sof_stream) == 48, "a stream descriptor has 48 bytes");
_Static_assert(sizeof(struct sof_context) == 64, "the context has 64 bytes");

int32_t sof_module_abi(void);
void *sof_module_alloc(int32_t bytes, int32_t align);
int32_t sof_module_init(struct sof_context *context);
int32_t sof_module_prepare(int32_t sources, int32_t sinks);
int32_t sof_module_process(int32_t sources, int32_t sinks);
int32_t sof_module_reset(void);
void sof_module_free(void);

/* Optional. The most of each that it takes, up to 8: SOF_PINS(2, 1); one and one without it. */
int32_t sof_module_pins(void);
/* Optional. position: enum sof_position; size_or_offset: total size at first and single, else offset. */
int32_t sof_module_set_config(int32_t param_id, int32_t position, int32_t size_or_offset,
			      int32_t bytes);
int32_t sof_module_get_config(int32_t param_id, int32_t capacity);
int32_t sof_module_set_param(int32_t param_id, int32_t value);
int32_t sof_module_get_param(int32_t param_id);
int32_t sof_module_bind(int32_t side, int32_t queue_id);
int32_t sof_module_unbind(int32_t side, int32_t queue_id);
int32_t sof_module_trigger(int32_t command);
int32_t sof_module_set_mode(int32_t mode);
int32_t sof_module_get_mode(void);
/* Optional. Frames of delay between input and output; asked after prepare and whatever configures. */
int32_t sof_module_latency(void);

/* Writes a line to the firmware's log. */
__attribute__((import_module("sof"), import_name("log"))) void sof_log(const char *text,
									int32_t bytes);

/*
 * Tells the host something: an event id of the module's own, and at most 1024 bytes. From sof_module_process
 * eight at once, later one more in 64 periods; from trigger, set_config, set_param and set_mode one. The rest
 * returns SOF_EBUSY, any other operation SOF_EPERM, too much data SOF_EINVAL.
 */
__attribute__((import_module("sof"), import_name("notify"))) int32_t sof_notify(int32_t event,
										 const void *data,
										 int32_t bytes);

/*
 * The stream of the first count at first that is connected to a queue, or NULL: sources and sinks come in the
 * order in which they were connected. sof_stream_of(context->sources, 1, sources)
 */
static inline struct sof_stream *sof_stream_of(struct sof_stream *first, int32_t queue, int32_t count)
{
	for (int32_t i = 0; i < count; i++)
		if (first[i].queue == queue)
			return &first[i];
	return NULL;
}

/* Frames that can go from one stream to another now. */
static inline int32_t sof_frames_between(const struct sof_stream *from, const struct sof_stream *to)
{
	int32_t there = from->bytes / from->frame_bytes;
	int32_t room = to->bytes / to->frame_bytes;

	return there < room ? there : room;
}

/* Says that so many frames went from one stream to another. */
static inline void sof_moved(struct sof_stream *from, struct sof_stream *to, int32_t frames)
{
	from->done = frames * from->frame_bytes;
	to->done = frames * to->frame_bytes;
}

/* Sample i of a stream of 16, 24 or 32 bits as one of full scale at 32 bits. */
static inline int32_t sof_load_sample(const struct sof_stream *stream, int32_t i)
{
	if (stream->valid_fmt == SOF_S16_LE)
		return (int32_t)((uint32_t)((const int16_t *)stream->data)[i] << 16);
	if (stream->valid_fmt == SOF_S24_4LE)
		return (int32_t)((uint32_t)((const int32_t *)stream->data)[i] << 8);
	return ((const int32_t *)stream->data)[i];
}

/* The other way: cuts off the bits that the format does not have. */
static inline void sof_store_sample(struct sof_stream *stream, int32_t i, int32_t sample)
{
	if (stream->valid_fmt == SOF_S16_LE)
		((int16_t *)stream->data)[i] = (int16_t)(sample >> 16);
	else
		((int32_t *)stream->data)[i] =
			stream->valid_fmt == SOF_S24_4LE ? sample >> 8 : sample;
}

/* Bytes of a sample that the two functions above move; 0 for a format that they do not know. */
static inline int32_t sof_sample_bytes(const struct sof_stream *stream)
{
	if (stream->frame_fmt == SOF_S16_LE)
		return stream->valid_fmt == SOF_S16_LE ? 2 : 0;
	if (stream->frame_fmt != SOF_S32_LE)
		return 0;
	return stream->valid_fmt == SOF_S24_4LE || stream->valid_fmt == SOF_S32_LE ? 4 : 0;
}

/* The nearest sample that there is. */
static inline int32_t sof_saturate(int64_t value)
{
	if (value > INT32_MAX)
		return INT32_MAX;
	return value < INT32_MIN ? INT32_MIN : (int32_t)value;
}

/* A configuration that arrives in fragments, to be zero at first. */
struct sof_config {
	int32_t expected;
	int32_t received;
	uint8_t data[1024];
};

/*
 * Puts a configuration together: give it what sof_module_set_config got. Returns 1 when config->data is
 * complete, 0 when more is to come, SOF_EINVAL for a fragment that does not belong there.
 */
static inline int32_t sof_take_fragment(struct sof_config *config, const struct sof_context *context,
					int32_t position, int32_t size_or_offset, int32_t bytes)
{
	int32_t expected = config->expected;

	config->expected = 0;
	if (position == SOF_FIRST || position == SOF_SINGLE) {
		if (size_or_offset <= 0 || size_or_offset > (int32_t)sizeof(config->data))
			return SOF_EINVAL;
		expected = size_or_offset;
		config->received = 0;
	} else if (expected == 0 || size_or_offset != config->received) {
		return SOF_EINVAL;
	}
	if (bytes < 0 || bytes > expected - config->received)
		return SOF_EINVAL;
	__builtin_memcpy(config->data + config->received, context->fragment, (size_t)bytes);
	config->received += bytes;
	if (position == SOF_FIRST || position == SOF_MIDDLE) {
		config->expected = expected;
		return 0;
	}
	return config->received == expected ? 1 : SOF_EINVAL;
}

/*
 * The value of a switch or enum of a topology, that of its first channel: for a single fragment of
 * SOF_SWITCH_PARAM or SOF_ENUM_PARAM. SOF_EINVAL for what is no such control.
 */
static inline int32_t sof_control_value(const struct sof_context *context, int32_t bytes)
{
	const uint16_t *half = (const uint16_t *)context->fragment;
	const int32_t *word = (const int32_t *)context->fragment;

	if (bytes < 20 || half[0] != 0 || half[1] < 1 || bytes < 20 + 8 * half[1])
		return SOF_EINVAL;
	return word[6] < 0 ? SOF_EINVAL : word[6];
}

#ifdef SOF_MODULE_IMPLEMENTATION

SOF_EXPORT int32_t sof_module_abi(void)
{
	return SOF_MODULE_ABI;
}

extern uint8_t __heap_base;

/* Memory behind the module's own, handed out for ever. A module may use it at init and prepare, too. */
SOF_EXPORT void *sof_module_alloc(int32_t bytes, int32_t align)
{
	static uintptr_t next;
	const uintptr_t page = 65536;
	uintptr_t mask = (uintptr_t)align - 1;
	uintptr_t start, end, have;

	if (bytes <= 0 || align <= 0 || ((uintptr_t)align & mask) != 0)
		return NULL;
	if (next == 0)
		next = (uintptr_t)&__heap_base;
	start = (next + mask) & ~mask;
	end = start + (uintptr_t)bytes;
	have = __builtin_wasm_memory_size(0) * page;
	if (start < next || end < start)
		return NULL;
	if (end > have &&
	    __builtin_wasm_memory_grow(0, (end - have + page - 1) / page) == (size_t)-1)
		return NULL;
	next = end;
	return (void *)start;
}

#endif /* SOF_MODULE_IMPLEMENTATION */
#endif /* SOF_MODULE_H */
