int swl_vision_placeholder;
