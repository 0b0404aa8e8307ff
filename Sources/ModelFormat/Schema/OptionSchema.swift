/// The fields of every option table, in the order of their ids: `name:kind`.
///
/// Kinds: `p` padding (0 to 1), `a` fused activation (0 to 5), `t` element type (0 to 22), `m` mode (0 to 1), `e` another
/// small enumeration, `b` Bool, `i` Int32, `u` UInt32, `q` Int64, `f` Float, `s` string, `g` subgraph index; vectors:
/// `I` Int32, `Q` Int64, `F` Float, `U` UInt32, `B` bytes or Bools, `G` subgraph indices; `-` a field no longer in use.
enum OptionSchema {
  /// One field of a table.
  struct Field {
    let id: Int
    /// Where the name stands in `list`.
    let name: Range<Int>
    let kind: UInt8
  }

  /// Calls `body` with each field of a list that one of the functions below returns.
  static func forEachField(
    of list: StaticString, _ body: (Field) throws(FormatError) -> Void
  ) throws(FormatError) {
    var words = Words(list)
    var id = 0
    while let word = words.next() {
      let kind = list.byte(word.upperBound - 1)
      try body(Field(id: id, name: word.lowerBound..<word.upperBound - 2, kind: kind))
      id += 1
    }
  }

  static func fields(_ type: Int, in union: OptionUnion) -> StaticString {
    union == .first ? builtinOptions(type) : builtinOptions2(type)
  }

  /// The members of `BuiltinOptions`; empty for tables without fields.
  private static func builtinOptions(_ type: Int) -> StaticString {
    switch type {
    case 1:
      """
      padding:p stride_w:i stride_h:i fused_activation_function:a dilation_w_factor:i dilation_h_factor:i \
      quantized_bias_type:t
      """
    case 2:
      """
      padding:p stride_w:i stride_h:i depth_multiplier:i fused_activation_function:a dilation_w_factor:i \
      dilation_h_factor:i
      """
    case 3: "num_channels:i num_columns_per_channel:I embedding_dim_per_channel:I"
    case 4: "type:e"
    case 5: "padding:p stride_w:i stride_h:i filter_width:i filter_height:i fused_activation_function:a"
    case 6: "rank:i fused_activation_function:a asymmetric_quantize_inputs:b"
    case 7: "fused_activation_function:a asymmetric_quantize_inputs:b"
    case 8:
      """
      fused_activation_function:a weights_format:m keep_num_dims:b asymmetric_quantize_inputs:b \
      quantized_bias_type:t quant_spec:B
      """
    case 9: "beta:f"
    case 10: "axis:i fused_activation_function:a"
    case 11: "fused_activation_function:a pot_scale_int16:b"
    case 12: "fused_activation_function:a"
    case 13: "radius:i bias:f alpha:f beta:f"
    case 14: "fused_activation_function:a cell_clip:f proj_clip:f kernel_type:m asymmetric_quantize_inputs:b"
    case 15: "-:- -:- align_corners:b half_pixel_centers:b"
    case 16: "subgraph:g"
    case 17: "new_shape:I"
    case 18: "ngram_size:i max_skip_size:i include_all_ngrams:b"
    case 19: "block_size:i"
    case 20: "combiner:e"
    case 21: "fused_activation_function:a"
    case 23: "axis:i batch_dims:i"
    case 27: "keep_dims:b"
    case 28: "fused_activation_function:a pot_scale_int16:b"
    case 29: "fused_activation_function:a"
    case 30: "squeeze_dims:I"
    case 31: "time_major:b fused_activation_function:a asymmetric_quantize_inputs:b"
    case 32: "begin_mask:i end_mask:i ellipsis_mask:i new_axis_mask:i shrink_axis_mask:i offset:b"
    case 35: "num_splits:i"
    case 37: "in_data_type:t out_data_type:t"
    case 40: "output_type:t"
    case 49: "padding:p stride_w:i stride_h:i fused_activation_function:a quantized_bias_type:t"
    case 50: "validate_indices:b"
    case 55: "out_type:t"
    case 57: "output_type:t"
    case 58: "min:f max:f num_bits:i narrow_range:b"
    case 59: "values_count:i axis:i"
    case 61: "axis:i"
    case 64: "num:i axis:i"
    case 69:
      """
      fused_activation_function:a cell_clip:f proj_clip:f merge_outputs:b time_major:b \
      asymmetric_quantize_inputs:b
      """
    case 70: "time_major:b fused_activation_function:a merge_outputs:b asymmetric_quantize_inputs:b"
    case 71:
      """
      fused_activation_function:a cell_clip:f proj_clip:f time_major:b asymmetric_quantize_inputs:b \
      diagonal_recurrent_tensors:b
      """
    case 74: "align_corners:b half_pixel_centers:b"
    case 75: "alpha:f"
    case 77: "mode:m"
    case 79: "num_splits:i"
    case 80: "idx_out_type:t"
    case 87: "seq_dim:i batch_dim:i"
    case 92: "then_subgraph_index:g else_subgraph_index:g"
    case 93: "cond_subgraph_index:g body_subgraph_index:g"
    case 94: "block_size:i"
    case 101: "adj_x:b adj_y:b asymmetric_quantize_inputs:b"
    case 102: "exclusive:b reverse:b"
    case 103: "init_subgraph_index:g"
    case 106:
      """
      padding:p stride_d:i stride_w:i stride_h:i fused_activation_function:a dilation_d_factor:i \
      dilation_w_factor:i dilation_h_factor:i
      """
    case 107: "table_id:i key_dtype:t value_dtype:t"
    case 111: "container:s shared_name:s"
    case 114: "seed:q seed2:q"
    case 115: "boundaries:F"
    case 116: "approximate:b"
    default: ""
    }
  }

  /// The members of `BuiltinOptions2`; empty for tables without fields.
  private static func builtinOptions2(_ type: Int) -> StaticString {
    switch type {
    case 1: "dimension:q"
    case 2: "broadcast_dimensions:Q"
    case 3: "start_indices:Q limit_indices:Q strides:Q"
    case 4:
      """
      window_strides:Q padding:Q lhs_dilation:Q rhs_dilation:Q window_reversal:B input_batch_dimension:q \
      input_feature_dimension:q input_spatial_dimensions:Q kernel_input_feature_dimension:q \
      kernel_output_feature_dimension:q kernel_spatial_dimensions:Q output_batch_dimension:q \
      output_feature_dimension:q output_spatial_dimensions:Q feature_group_count:q batch_group_count:q \
      precision_config:U
      """
    case 5:
      """
      call_target_name:s has_side_effect:b backend_config:s api_version:i called_computations:G \
      custom_attributes:B
      """
    case 6: "dimensions:Q body_subgraph_index:g"
    case 7:
      """
      indices_are_sorted:b update_window_dims:Q inserted_window_dims:Q scatter_dims_to_operand_dims:Q \
      index_vector_dim:q unique_indices:b update_computation_subgraph_index:g
      """
    case 8: "comparison_direction:u compare_type:u"
    case 9: "slice_sizes:Q"
    case 10: "edge_padding_low:Q edge_padding_high:Q interior_padding:Q"
    case 11: "iota_dimension:q"
    case 12:
      """
      lhs_batching_dimensions:Q rhs_batching_dimensions:Q lhs_contracting_dimensions:Q \
      rhs_contracting_dimensions:Q precision_config:U
      """
    case 13:
      """
      window_dimensions:Q window_strides:Q base_dilations:Q window_dilations:Q padding:Q body_subgraph_index:g
      """
    case 14: "dimension:q is_stable:b comparator_subgraph_index:g"
    case 15: "cond_subgraph_index:g body_subgraph_index:g"
    case 16:
      """
      offset_dims:Q collapsed_slice_dims:Q start_index_map:Q index_vector_dim:q slice_sizes:Q \
      indices_are_sorted:b
      """
    case 17: "permutation:Q"
    case 19: "algorithm:e"
    case 20: "reduce_function:i"
    case 21: "name:s decomposition_subgraph_index:g composite_attributes:B composite_attributes_format:e version:i"
    case 23: "branch_subgraph_indices:G"
    default: ""
    }
  }
}

/// The two unions of option tables that an operator has.
enum OptionUnion {
  case first, second

  /// The id of the union's type; its table has the next one.
  var typeID: Int { self == .first ? 3 : 11 }
  var typeField: StaticString { self == .first ? "builtin_options_type" : "builtin_options_2_type" }
  var field: StaticString { self == .first ? "builtin_options" : "builtin_options_2" }
}
